import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Chosen } from '#schema/config';
import type { S3Keys } from '#schema/domain';
import type { DownloadFile } from '#schema/entities';
import { contentTypeOf } from './fileHeaders.js';
import type { ByteRange, FileStore, OpenedFile } from './fileStore.js';

const connectMs = 5_000;
/** For how long nothing may move on a connection. */
const silenceMs = 60_000;
const sockets = 256;
/** Keys that stand in files are read again after some minutes: the SDK asks anew shortly before this ends. */
const keysForMs = 10 * 60_000;
const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Files of downloads in a bucket. */
export class S3Store implements FileStore {
  private readonly client: S3Client;

  constructor(
    private readonly place: S3Chosen,
    keysNow: () => S3Keys | null,
    /** Whether people are sent to addresses of the bucket’s own. */
    private readonly redirects: boolean,
  ) {
    // Which Node Holdfast runs on is said by Holdfast itself.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
    const agent = { keepAlive: true, maxSockets: sockets };
    this.client = new S3Client({
      ...(place.endpoint === null ? {} : { endpoint: place.endpoint }),
      region: place.region ?? 'us-east-1',
      forcePathStyle: place.forcePathStyle ?? place.endpoint !== null,
      logger: silent,
      maxAttempts: 3,
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        socketTimeout: silenceMs,
        httpAgent: agent,
        httpsAgent: agent,
      },
      ...(place.keys && {
        credentials: async () => ({
          ...(keysNow() ?? (place.keys as S3Keys)),
          expiration: new Date(Date.now() + keysForMs),
        }),
      }),
    });
  }

  async open(file: DownloadFile, range: ByteRange, signal: AbortSignal): Promise<OpenedFile | null> {
    const { start, end } = range;
    // A range of no bytes cannot be asked for.
    const asked = file.size === 0 ? {} : { Range: `bytes=${start}-${end}` };
    const found = await unlessAbsent(
      this.client.send(new GetObjectCommand({ ...this.named(file), ...asked }), { abortSignal: signal }),
    );
    if (!found) return null;
    const body = found.Body as Readable;
    const total = file.size === 0 ? found.ContentLength : Number(found.ContentRange?.split('/')[1]);
    if (total !== file.size || found.ContentLength !== end - start + 1) {
      body.destroy();
      return null;
    }
    return {
      pour: (response, until) => pipeline(body, response, { signal: until, end: false }),
      close: async () => void body.destroy(),
    };
  }

  async has(file: DownloadFile, signal: AbortSignal): Promise<boolean> {
    const found = await unlessAbsent(
      this.client.send(new HeadObjectCommand(this.named(file)), { abortSignal: signal }),
    );
    return found?.ContentLength === file.size;
  }

  async addressOf(file: DownloadFile, seconds: number): Promise<string | null> {
    if (!this.redirects) return null;
    const command = new GetObjectCommand({
      ...this.named(file),
      ResponseContentDisposition: contentDisposition(file.name),
      ResponseContentType: contentTypeOf(file),
      ResponseCacheControl: 'private, no-store',
    });
    return getSignedUrl(this.client, command, { expiresIn: seconds });
  }

  private named({ storageKey }: DownloadFile): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: `${this.place.prefix}${storageKey}` };
  }
}

/** Null where there is no such object, or it is too short for what was asked. */
async function unlessAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error: unknown) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    // A bucket that is not there is storage that is away: that no object is in it tells nothing.
    if (name === 'NoSuchBucket') throw error;
    if (status === 404 || status === 416) return null;
    throw error;
  }
}
