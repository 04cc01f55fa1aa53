import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isUtf8 } from 'node:buffer';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { damagedManifest } from '../manifestRules.js';
import { pathInWords } from '../pathRules.js';
import type { Repeating, StagingFile, StagingTree } from '../stagingTree.js';
import type { WantedFile } from '../wantedFiles.js';
import { contentTypeOf } from './contentTypes.js';
import { copyObject } from './copyObject.js';
import { headOf, putObject, type ObjectHeaders } from './objects.js';
import { RequestPool } from './requestPool.js';
import { answerOf, keyOf } from './writableBucket.js';

const longestKey = 1024;
/** What is larger is sent in parts. */
const partBytes = 8 * 1024 * 1024;
const mostParts = 10_000;

/** An area of a bucket that is filled with what a manifest lists. */
export class StagedBucket implements StagingTree {
  /** What a bucket cannot hold. */
  readonly notHeld = { symlinks: 0, names: 0 };
  readonly pool = new RequestPool();

  constructor(
    readonly bucket: MediaBucket,
    private readonly area: string,
    /** Whether objects that are live already tell what new ones have beside their content. */
    private readonly hasLive: boolean,
    readonly onStep: () => void,
  ) {}

  makeFolder(): void {}

  finishFolder(): void {}

  makeSymlink(): void {
    this.notHeld.symlinks += 1;
  }

  async makeHardlink(path: string, target: string): Promise<void> {
    const [from, to] = [this.pathOf(target), this.pathOf(path)];
    if (to === null) this.notHeld.names += 1;
    if (from === null || to === null) return;
    await this.pool.settle();
    const head = await headOf(this.bucket, from);
    if (!head) throw damagedManifest(`${pathInWords(path)} is a hardlink to what is no file of the backup`);
    await copyObject(this.bucket, { from, to, size: head.size, onStep: this.onStep });
  }

  /** Makes an object that stands for a folder that would have no other. */
  makeEmptyFolder(path: string): Promise<void> | undefined {
    const staged = this.pathOf(`${path}/`);
    if (staged === null) this.notHeld.names += 1;
    else return this.pool.add(0, () => putObject(this.bucket, staged, ''));
    return undefined;
  }

  write({ path }: WantedFile, content: Buffer): Promise<void> | undefined {
    const staged = this.pathOf(path);
    if (staged === null) {
      this.notHeld.names += 1;
      return undefined;
    }
    const body = Buffer.from(content);
    return this.pool.add(body.length, async () => {
      await putObject(this.bucket, staged, body, await this.headersOf(path));
      this.onStep();
    });
  }

  begin({ path }: WantedFile, size: number): StagingFile {
    const staged = this.pathOf(path);
    if (staged === null) this.notHeld.names += 1;
    return new StagedObject(this, path, staged, size);
  }

  /** Where a file is staged; null where its name can be no key, here or at its own place. */
  pathOf(path: string): string | null {
    const staged = this.area + path;
    const bytes = Buffer.byteLength(this.bucket.place.prefix) + staged.length;
    return bytes > longestKey || !isUtf8(Buffer.from(path, 'latin1')) ? null : staged;
  }

  /** What the object of that name has now; where there is none, what its name tells. */
  async headersOf(path: string): Promise<ObjectHeaders> {
    const live = this.hasLive ? await headOf(this.bucket, path) : null;
    const { ContentType, ...others } = live?.headers ?? {};
    const isTelling = ContentType !== undefined && !/^(binary|application)\/octet-stream$/.test(ContentType);
    return { ...others, ContentType: isTelling ? ContentType : contentTypeOf(path) };
  }
}

/** An object that comes piece by piece. */
class StagedObject implements StagingFile {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private uploadId: string | null = null;
  private readonly parts: Array<{ PartNumber: number; ETag: string | undefined }> = [];

  constructor(
    private readonly tree: StagedBucket,
    private readonly path: string,
    /** Null where it cannot be held. */
    private readonly staged: string | null,
    private readonly size: number,
  ) {}

  async writeSparse(piece: Buffer): Promise<void> {
    if (this.staged === null) return;
    this.pieces.push(Buffer.from(piece));
    this.bytes += piece.length;
    const wanted = Math.max(partBytes, Math.ceil(this.size / mostParts));
    if (this.size > partBytes && this.bytes >= wanted) await this.sendPart();
  }

  async finish(): Promise<void> {
    const { tree, staged } = this;
    if (staged === null) return;
    if (this.uploadId === null) {
      await tree.write({ path: this.path } as WantedFile, Buffer.concat(this.pieces));
    } else {
      if (this.bytes > 0) await this.sendPart();
      await tree.pool.settle();
      const Parts = this.parts.sort((a, b) => a.PartNumber - b.PartNumber);
      const order = { ...this.upload(), MultipartUpload: { Parts } };
      const { client } = tree.bucket;
      await answerOf(tree.bucket, 's3:PutObject', () =>
        client.send(new CompleteMultipartUploadCommand(order)),
      );
      this.uploadId = null;
    }
    this.pieces = [];
  }

  async repeat(file: WantedFile, { onBytes }: Repeating): Promise<void> {
    const { tree, staged } = this;
    const to = tree.pathOf(file.path);
    if (to === null) tree.notHeld.names += 1;
    await tree.pool.settle();
    if (staged !== null && to !== null) {
      await copyObject(tree.bucket, { from: staged, to, size: this.size, onStep: tree.onStep });
    }
    onBytes(this.size);
  }

  /** Ends an upload that was not finished. */
  close(): void {
    if (this.uploadId === null) return;
    void this.tree.bucket.client.send(new AbortMultipartUploadCommand(this.upload())).catch(() => undefined);
  }

  private async sendPart(): Promise<void> {
    const { tree } = this;
    const { client } = tree.bucket;
    this.uploadId ??= await this.beginUpload();
    const part = { PartNumber: this.parts.length + 1, ETag: undefined as string | undefined };
    this.parts.push(part);
    const Body = Buffer.concat(this.pieces);
    this.pieces = [];
    this.bytes = 0;
    const order = { ...this.upload(), PartNumber: part.PartNumber, Body };
    await tree.pool.add(Body.length, async () => {
      const { ETag } = await answerOf(tree.bucket, 's3:PutObject', () =>
        client.send(new UploadPartCommand(order)),
      );
      part.ETag = ETag;
      tree.onStep();
    });
  }

  private async beginUpload(): Promise<string> {
    const { bucket } = this.tree;
    const { UploadId: _, ...target } = this.upload();
    const headers = await this.tree.headersOf(this.path);
    const order = new CreateMultipartUploadCommand({ ...target, ...headers });
    const { UploadId } = await answerOf(bucket, 's3:PutObject', () => bucket.client.send(order));
    return UploadId ?? '';
  }

  private upload() {
    const { bucket } = this.tree;
    return {
      Bucket: bucket.place.bucket,
      Key: keyOf(bucket, this.staged ?? ''),
      UploadId: this.uploadId ?? '',
    };
  }
}
