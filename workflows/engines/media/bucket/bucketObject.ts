import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { httpStatus, s3Code } from '../../s3/problem.js';
import { changed, unsettledMs, type Content, type EntryFacts, type Unread } from '../source.js';
import type { Listed } from './folderTree.js';
import type { MediaBucket } from './mediaBucket.js';

/** An object as it is, without its path. */
export type ObjectState = Omit<Listed, 'path'>;

/** What the manifest tells of an object: it has no mode of its own. */
export function factsOf({ size, etag, mtimeMs }: ObjectState): EntryFacts {
  // An ETag is no hash, and servers that keep objects as files may let it stand when one is written to from below.
  const isUnsettled = Math.abs(Date.now() - mtimeMs) < unsettledMs;
  const fingerprint = isUnsettled || etag === null ? null : bare(etag);
  return { size, mtimeNs: BigInt(mtimeMs) * 1_000_000n, mode: 0o644, identity: null, fingerprint };
}

/** An object’s content in this state. */
export function contentOf(bucket: MediaBucket, key: string, state: ObjectState): Content {
  return { facts: factsOf(state), read: (onPiece) => readObject(bucket, key, state, onPiece) };
}

/** How an object is now; why not where it cannot be looked at. */
export async function lookAt(bucket: MediaBucket, key: string): Promise<ObjectState | Unread> {
  const command = new HeadObjectCommand({ Bucket: bucket.place.bucket, Key: key });
  try {
    const answer = await bucket.ask('s3:GetObject', () => bucket.client.send(command));
    return {
      size: answer.ContentLength ?? 0,
      etag: answer.ETag || null,
      mtimeMs: answer.LastModified?.getTime() ?? 0,
    };
  } catch (error: unknown) {
    return unreadOf(bucket, error);
  }
}

/** Whether an object can be read, without reading it: why not, or null. */
export async function tryObject(
  bucket: MediaBucket,
  key: string,
  state: ObjectState,
): Promise<Unread | null> {
  const opened = await openAt(bucket, key, state, 0);
  if ('problem' in opened) return opened;
  opened.body.destroy();
  return null;
}

/** Reads in one go; goes on from where it was where the connection breaks, as long as the object is still the same. */
async function readObject(
  bucket: MediaBucket,
  key: string,
  state: ObjectState,
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<Unread | null> {
  let done = 0;
  let movedAt = performance.now();
  while (done < state.size) {
    const from = done;
    const opened = await openAt(bucket, key, state, from);
    if ('problem' in opened) return opened;
    const pieces = opened.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const piece = await pieceOf(bucket, pieces);
        if (!piece) break;
        done += piece.length;
        if (done > state.size) return changed;
        await onPiece(piece);
        movedAt = performance.now();
      }
    } finally {
      opened.body.destroy();
    }
    if (done > from || done === state.size) continue;
    if (!bucket.isPatient(movedAt)) throw bucket.problem(cutOff(), 's3:GetObject');
    await bucket.pause(1_000);
  }
  return null;
}

/** The next piece; null at the end, also where the connection broke. */
async function pieceOf(bucket: MediaBucket, pieces: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const next = await pieces.next();
    return next.done ? null : next.value;
  } catch {
    bucket.signal.throwIfAborted();
    return null;
  }
}

async function openAt(
  bucket: MediaBucket,
  key: string,
  state: ObjectState,
  from: number,
): Promise<{ body: Readable } | Unread> {
  const command = new GetObjectCommand({
    Bucket: bucket.place.bucket,
    Key: key,
    ...(state.etag === null ? {} : { IfMatch: state.etag }),
    ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
  });
  try {
    const answer = await bucket.ask('s3:GetObject', () => bucket.client.send(command));
    if (!(answer.Body instanceof Readable)) throw new Error('S3 answered without a body');
    // Not every provider heeds the conditions; and who is no S3 does not know the ETag.
    if (isOf(state, answer) && answer.ContentLength === state.size - from) return { body: answer.Body };
    answer.Body.destroy();
    return changed;
  } catch (error: unknown) {
    return unreadOf(bucket, error);
  }
}

/** Some providers give no ETag to what came into the bucket by another way; they know the second of its last change. */
function isOf({ etag, mtimeMs }: ObjectState, answer: { ETag?: string; LastModified?: Date }): boolean {
  if (etag !== null) return bare(answer.ETag ?? '') === bare(etag);
  return Math.floor((answer.LastModified?.getTime() ?? 0) / 1000) === Math.floor(mtimeMs / 1000);
}

/** Lists, answers and proxies put an ETag in different quotes. */
function bare(etag: string): string {
  return etag.replace(/^W\/|"/g, '');
}

/** What concerns one object only is an answer; all else is thrown. */
function unreadOf(bucket: MediaBucket, error: unknown): Unread {
  const code = s3Code(error);
  const status = httpStatus(error);
  if (status === 404 && code !== 'NoSuchBucket') {
    return { cause: 'vanished', problem: 'vanished while the bucket was read' };
  }
  if (status === 412 || status === 416) return changed;
  if (ofOneObject.test(code)) return { cause: 'unreadable', problem: `cannot be read (${code})` };
  throw bucket.problem(error, 's3:GetObject');
}

/** Rights, archives and keys of encryption are of single objects. A HEAD tells no more than `403` and `400`. */
const ofOneObject =
  /^(AccessDenied|Forbidden|403|AllAccessDisabled|InvalidObjectState|MethodNotAllowed|InvalidRequest|BadRequest|400|KMS\..*|KeyTooLongError)$/;

function cutOff(): Error {
  return Object.assign(new Error('The connection was cut'), { code: 'ECONNRESET' });
}
