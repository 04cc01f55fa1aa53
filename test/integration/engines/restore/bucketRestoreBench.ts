import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { MediaPartDocument } from '#schema/domain';
import { bucketSource } from '../../../../workflows/engines/media/bucket/bucketSource.js';
import type { BucketAddress } from '../../../../workflows/engines/media/bucket/openMediaClient.js';
import { oldAreaOf, stagedAreaOf } from '../../../../workflows/engines/media/restore/bucket/bucketAreas.js';
import type { BucketSwitch } from '../../../../workflows/engines/media/restore/bucket/switchBucket.js';
import type { StagedMedia } from '../../../../workflows/engines/media/restore/stageMediaOrder.js';
import { startS3Proxy, type S3Call, type S3Proxy } from '../../../support/s3Proxy.js';
import { S3Server, type ServerKeys } from '../../../support/s3Server.js';
import type { CopiedMedia } from '../../../../workflows/engines/media/copyMedia.js';
import { copy, put, type MediaBench } from '../mediaBench.js';
import { partOf, stage } from './mediaRestoreBench.js';

/** What lies in a bucket: path → content. */
export type Objects = Record<string, string>;

/** What is live before a switch: every way in which names can change their kind is among it. */
export const before: Objects = {
  'changed.txt': 'old',
  'old/': '',
  'old/inner/only.txt': 'old',
  'same.txt': 'same',
  'was/a/folder': 'old',
  'was-file': 'old',
};
/** What is live after it. */
export const after: Objects = {
  'changed.txt': 'new',
  'new/only.txt': 'new',
  'nothing/': '',
  'same.txt': 'same',
  was: 'now a file',
  'was-file/now/folder': 'new',
};

/** A bucket that is restored to, a fresh one for each test. */
export class RestoredBucket {
  name = '';
  prefix = 'up loads/é/';
  server!: S3Server;
  readonly proxies: S3Proxy[] = [];

  constructor(private readonly bench: MediaBench) {}

  address(more: Partial<BucketAddress['place']> = {}, keys?: ServerKeys): BucketAddress {
    const { name, prefix, server } = this;
    const place = { bucket: name, prefix, endpoint: server.endpoint, region: null, ...more };
    return { place, keys: keys ?? server.keys };
  }

  async put(objects: Objects): Promise<void> {
    for (const [path, content] of Object.entries(objects)) {
      const Body = Buffer.from(content);
      const Key = this.prefix + path;
      await this.server.client.send(new PutObjectCommand({ Bucket: this.name, Key, Body }));
    }
  }

  /** What a live application sees, and apart what restores have put there. */
  async look(): Promise<{ live: Objects; own: string[] }> {
    const seen = { live: {} as Objects, own: [] as string[] };
    for (const Key of await this.server.objects(this.name)) {
      const path = Key.startsWith(this.prefix) ? Key.slice(this.prefix.length) : `outside ${Key}`;
      if (path.startsWith('.holdfast-')) {
        seen.own.push(path);
        continue;
      }
      const { Body } = await this.server.client.send(new GetObjectCommand({ Bucket: this.name, Key }));
      seen.live[path] = Buffer.from((await Body?.transformToByteArray()) ?? []).toString('latin1');
    }
    return seen;
  }

  async live(): Promise<Objects> {
    return (await this.look()).live;
  }

  /** A backup of what is live. */
  backUp(mark: string): Promise<CopiedMedia> {
    return copy(this.bench, {
      source: bucketSource(this.address(), 10_000),
      backupId: mark,
      mark: `${mark}-1`,
    });
  }

  /** Stages a part for the restore with this id. */
  stage(part: MediaPartDocument, id = 'restore1', address = this.address()): Promise<StagedMedia> {
    const target = { in: 'bucket', address, patienceMs: 10_000, area: stagedAreaOf(id, 'run-1') } as const;
    return stage(this.bench, part, { target });
  }

  async stageCopy(copied: CopiedMedia, id = 'restore1'): Promise<BucketSwitch> {
    return this.switchOf(await this.stage(partOf(copied), id), id);
  }

  /** Stages `after` beside `before`. */
  async stageAfter(): Promise<BucketSwitch> {
    for (const [path, content] of Object.entries(after)) {
      put(this.bench, path.endsWith('/') ? `${path}gone` : path, content);
    }
    rmSync(`${this.bench.root}/nothing/gone`);
    const copied = await copy(this.bench);
    await this.put(before);
    return this.stageCopy(copied);
  }

  switchOf({ directory, ino }: Pick<StagedMedia, 'directory' | 'ino'>, id = 'restore1'): BucketSwitch {
    return {
      address: this.address(),
      patienceMs: 5_000,
      staged: directory,
      old: oldAreaOf(id),
      stagedIno: ino,
    };
  }

  /** The switch as one whose every change from the `from`th on is refused, as if it had been killed there. */
  async cutOff(order: BucketSwitch, from: number): Promise<BucketSwitch & { changes: string[] }> {
    const changes: string[] = [];
    const proxy = await startS3Proxy(this.server.endpoint, ({ operation, key }: S3Call) => {
      if (/^(List|Get|Head)/.test(operation)) return {};
      changes.push(`${operation} ${decodeURIComponent(key).slice(this.prefix.length)}`);
      return changes.length >= from ? { answer: { status: 403, code: 'AccessDenied' } } : {};
    });
    this.proxies.push(proxy);
    return { ...order, address: this.address({ endpoint: proxy.endpoint }), changes };
  }

  /** The switch as one whose every change waits for `before` it, which is told what it is. */
  async watch(
    order: BucketSwitch,
    before: (change: string) => Promise<void> | void,
  ): Promise<BucketSwitch & { calls: string[] }> {
    const proxy = await startS3Proxy(this.server.endpoint, async ({ operation, key }: S3Call) => {
      if (!/^(List|Get|Head)/.test(operation)) await before(`${operation} ${key.slice(this.prefix.length)}`);
      return {};
    });
    this.proxies.push(proxy);
    return { ...order, address: this.address({ endpoint: proxy.endpoint }), calls: proxy.calls };
  }
}

/** Sets up a server for the file. */
export function useRestoredBucket(bench: MediaBench): RestoredBucket {
  const bucket = new RestoredBucket(bench);
  beforeAll(async () => {
    bucket.server = await S3Server.start();
  });
  beforeEach(async () => {
    bucket.name = await bucket.server.makeBucket();
    bucket.prefix = 'up loads/é/';
  });
  afterEach(async () => {
    for (const proxy of bucket.proxies.splice(0)) await proxy.stop();
  });
  afterAll(() => bucket.server.remove());
  return bucket;
}
