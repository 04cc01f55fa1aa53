import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { findVersitygw } from './ensureVersitygw.mjs';
import { freePort } from './holdfast.js';
import { until } from './until.js';

const run = promisify(execFile);

/** Keys to the server. */
export interface ServerKeys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A real S3 server on a folder, as a process of its own. */
export class S3Server {
  readonly keys: ServerKeys = { accessKeyId: 'holdfast-owner', secretAccessKey: `secret-${randomUUID()}` };
  readonly client: S3Client;
  private process: ChildProcess | null = null;

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    readonly port: number,
  ) {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
    this.client = new S3Client({
      endpoint: this.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: this.keys,
    });
  }

  /** Starts one that is empty. */
  static async start(): Promise<S3Server> {
    const program = findVersitygw();
    if (!program) throw new Error('There is no versitygw: `npm test` builds it.');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-s3-'));
    for (const name of ['buckets', 'metadata', 'accounts']) await mkdir(path.join(folder, name));
    const server = new S3Server(program, folder, await freePort());
    await server.launch();
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same folder and port, after `kill`. */
  async launch(): Promise<void> {
    const [buckets, metadata, accounts] = ['buckets', 'metadata', 'accounts'].map((name) =>
      path.join(this.folder, name),
    );
    this.process = spawn(
      this.program,
      [
        ...['--port', `127.0.0.1:${this.port}`, '--quiet', '--keep-alive', '--health', '/health'],
        ...['--iam-dir', String(accounts), 'posix', '--sidecar', String(metadata), String(buckets)],
      ],
      {
        env: {
          ...process.env,
          ROOT_ACCESS_KEY: this.keys.accessKeyId,
          ROOT_SECRET_KEY: this.keys.secretAccessKey,
        },
        stdio: 'ignore',
      },
    );
    await until('the S3 server answers', 60_000, async () =>
      fetch(`${this.endpoint}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    const running = this.process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    this.client.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Makes a bucket; answers with its name. */
  async makeBucket(): Promise<string> {
    const name = `holdfast-${randomUUID()}`;
    await this.client.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  /** Somebody who may do only this in a bucket, e.g. `s3:GetObject`. */
  async makeUser(bucket: string, actions: string[]): Promise<ServerKeys> {
    const keys = { accessKeyId: `user-${randomUUID()}`, secretAccessKey: `secret-${randomUUID()}` };
    const { accessKeyId, secretAccessKey } = this.keys;
    await run(
      this.program,
      [
        ...['admin', '--endpoint-url', this.endpoint, 'create-user'],
        ...['--access', keys.accessKeyId, '--secret', keys.secretAccessKey, '--role', 'user'],
      ],
      { env: { ...process.env, ADMIN_ACCESS_KEY: accessKeyId, ADMIN_SECRET_KEY: secretAccessKey } },
    );
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: [keys.accessKeyId] },
      Action: actions,
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await this.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    return keys;
  }

  /** Puts a part, with the checksum that it has; answers with the headers of the answer. */
  async putPart(
    bucket: string,
    key: string,
    query: URLSearchParams,
    body: Buffer,
  ): Promise<Record<string, string>> {
    const { ETag, ChecksumCRC32 } = await this.client.send(
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: String(query.get('uploadId')),
        PartNumber: Number(query.get('partNumber')),
        Body: body,
      }),
    );
    return { etag: String(ETag), 'x-amz-checksum-crc32': String(ChecksumCRC32) };
  }

  /** Puts an object with what its headers say of it; answers with the headers of the answer. */
  async putObject(
    bucket: string,
    key: string,
    body: Buffer,
    headers: IncomingHttpHeaders,
  ): Promise<Record<string, string>> {
    const mark = 'x-amz-meta-';
    const Metadata = Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith(mark))
        .map(([name, value]) => [name.slice(mark.length), String(value)]),
    );
    const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, Metadata });
    return { etag: String((await this.client.send(put)).ETag) };
  }

  async removeObject(bucket: string, key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  /** All that lies in a bucket, sorted. */
  async objects(bucket: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }),
      );
      names.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token);
    return names.sort();
  }

  /** Copies all that lies in a bucket into a folder. */
  async copyTo(bucket: string, folder: string): Promise<void> {
    for (const key of await this.objects(bucket)) {
      const file = path.join(folder, key);
      await mkdir(path.dirname(file), { recursive: true });
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      await pipeline(Body as Readable, createWriteStream(file));
    }
  }

  /** In how many parts an object was sent. */
  async partsOf(bucket: string, key: string): Promise<number> {
    const head = await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return Number(head.ETag?.match(/-(\d+)"?$/)?.[1] ?? 1);
  }

  /** The names of all unfinished uploads. */
  async uploads(bucket: string): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.flatMap(({ Key }) => Key ?? []).sort();
  }
}
