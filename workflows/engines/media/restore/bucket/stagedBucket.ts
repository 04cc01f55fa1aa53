import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { damagedManifest } from '../manifestRules.js';
import { pathInWords } from '../pathRules.js';
import type { Repeating, StagingFile, StagingTree } from '../stagingTree.js';
import type { WantedFile } from '../wantedFiles.js';
import { namelessAreaOf } from './bucketAreas.js';
import { contentTypeOf } from './contentTypes.js';
import { copyObject } from './copyObject.js';
import { headOf, putObject, type ObjectHeaders } from './objects.js';
import { RequestPool } from './requestPool.js';
import { answerOf, keyOf } from './writableBucket.js';

const longestKey = 1024;
/** What is larger is sent in parts. */
const partBytes = 8 * 1024 * 1024;
const mostParts = 10_000;

interface StagingOrder {
  bucket: MediaBucket;
  area: string;
  /** Whether objects that are live already tell what new ones have beside their content. */
  hasLive: boolean;
  /** Whether files are given further names at the end. */
  hasHardlinks: boolean;
}

/** An area of a bucket that is filled with what a manifest lists. */
export class StagedBucket implements StagingTree {
  /** What a bucket cannot hold. */
  readonly notHeld = { symlinks: 0, names: 0 };
  readonly pool = new RequestPool();
  readonly bucket: MediaBucket;
  private readonly area: string;

  constructor(
    private readonly order: StagingOrder,
    readonly onStep: () => void,
  ) {
    this.bucket = order.bucket;
    this.area = order.area;
  }

  makeFolder(): void {}

  finishFolder(): void {}

  makeSymlink(): void {
    this.notHeld.symlinks += 1;
  }

  async makeHardlink(path: string, target: string): Promise<void> {
    const to = this.pathOf(path);
    if (to === null) {
      this.notHeld.names += 1;
      return;
    }
    await this.pool.settle();
    const from = this.pathOf(target) ?? this.namelessPathOf(target);
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
      if (!this.order.hasHardlinks) return undefined;
    }
    return this.put(path, staged ?? this.namelessPathOf(path), Buffer.from(content));
  }

  /** Sends the content of the file with that path to where it is staged. */
  put(path: string, staged: string, body: Buffer): Promise<void> | undefined {
    return this.pool.add(body.length, async () => {
      await putObject(this.bucket, staged, body, await this.headersOf(path));
      this.onStep();
    });
  }

  begin({ path }: WantedFile, size: number): StagingFile {
    const staged = this.pathOf(path);
    if (staged === null) this.notHeld.names += 1;
    // Other names of the same content are copied from it.
    return new StagedObject(this, path, staged ?? this.namelessPathOf(path), size);
  }

  /** Where a file is staged; null where its name can be no key, here or at its own place. */
  pathOf(path: string): string | null {
    const staged = this.area + path;
    const bytes = Buffer.byteLength(this.bucket.place.prefix) + staged.length;
    return bytes > longestKey || !isUtf8(Buffer.from(path, 'latin1')) ? null : staged;
  }

  /** Where the content of a file lies meanwhile whose name can be no key. */
  private namelessPathOf(path: string): string {
    return namelessAreaOf(this.area) + createHash('sha256').update(path, 'latin1').digest('hex');
  }

  /** What the object of that name has now; where there is none, what its name tells. */
  async headersOf(path: string): Promise<ObjectHeaders> {
    const mayBeLive = this.order.hasLive && this.pathOf(path) !== null;
    const live = mayBeLive ? await headOf(this.bucket, path) : null;
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
    private readonly staged: string,
    private readonly size: number,
  ) {}

  async writeSparse(piece: Buffer): Promise<void> {
    this.pieces.push(Buffer.from(piece));
    this.bytes += piece.length;
    const wanted = Math.max(partBytes, Math.ceil(this.size / mostParts));
    if (this.size > partBytes && this.bytes >= wanted) await this.sendPart();
  }

  async finish(): Promise<void> {
    const { tree, path, staged } = this;
    if (this.uploadId === null) {
      await tree.put(path, staged, Buffer.concat(this.pieces));
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
    if (to !== null) {
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
      Key: keyOf(bucket, this.staged),
      UploadId: this.uploadId ?? '',
    };
  }
}
