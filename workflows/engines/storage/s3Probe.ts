import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { httpStatus, s3Code } from '../s3/problem.js';
import { StepProblem } from '../stepProblem.js';
import type { S3Bucket } from './s3Bucket.js';
import { objectsUnder, uploadsUnder } from './s3List.js';
import { describeObject } from './s3Objects.js';
import { inBase64 } from './s3Part.js';
import { readObject } from './s3Read.js';
import { abortUpload, removeKeys } from './s3Remove.js';
import { sealObject } from './s3Seal.js';
import type { Probed } from './storage.js';

const words = Buffer.from('Holdfast asks whether it may write here.\n');
const wrongChecksum = 'AAAAAA==';

/**
 * Tries everything that backups need of a bucket, leaves nothing, and remembers what has to be done without. Throws
 * where the bucket cannot be used now, or where the provider lacks what keeps backups safe.
 */
export async function probeBucket(bucket: S3Bucket): Promise<Probed> {
  const key = `probe-${randomUUID()}`;
  // First of all: whoever may not remove anything would leave something at each try.
  await removeObject(bucket, key);
  try {
    for await (const _object of objectsUnder(bucket, bucket.at(key).Key)) break;
    await requireSeals(bucket, key);
    await requireRanges(bucket, key);
    const listsUploads = await canListUploads(bucket, key);
    const checksums = await comparesChecksums(bucket, key);
    bucket.capabilities = { ...bucket.capabilities, checksums, listsUploads };
  } finally {
    await removeKeys(bucket, key).catch(() => undefined);
  }
  await removeObject(bucket, key);
  if (await describeObject(bucket, key)) throw lacking('removes nothing although it says so');
  return { lacks: inWords(bucket) };
}

function inWords({ capabilities }: S3Bucket): string[] {
  const lacks: string[] = [];
  if (!capabilities.checksums) {
    lacks.push('The provider compares no checksums: all that is written is read back and hashed.');
  }
  if (!capabilities.listsUploads) {
    lacks.push(
      'The provider lists no unfinished uploads: let a lifecycle rule of the bucket remove them after a day.',
    );
  }
  return lacks;
}

async function removeObject(bucket: S3Bucket, key: string): Promise<void> {
  await bucket.ask('s3:DeleteObject', bucket.client.send(new DeleteObjectCommand(bucket.at(key))));
}

/** Two who seal one backup must not both succeed. */
async function requireSeals(bucket: S3Bucket, key: string): Promise<void> {
  const first = await sealObject(bucket, key, words);
  const second = await sealObject(bucket, key, Buffer.from('A second seal.'));
  const stream = await readObject(bucket, key);
  const kept = stream && (await buffer(stream));
  if (second === 'sealed') {
    throw lacking('does not heed If-None-Match, so that one backup could be sealed twice');
  }
  if (first !== 'sealed' || !kept?.equals(words)) throw lacking('does not give back what was written');
}

async function requireRanges(bucket: S3Bucket, key: string): Promise<void> {
  const stream = await readObject(bucket, key, { start: 9, length: 4 });
  if (!stream || (await buffer(stream)).toString() !== 'asks') {
    throw lacking('does not give the parts of an object that are asked for (Range)');
  }
}

async function canListUploads(bucket: S3Bucket, key: string): Promise<boolean> {
  bucket.capabilities = { ...bucket.capabilities, listsUploads: true };
  try {
    for await (const _upload of uploadsUnder(bucket, bucket.at(key).Key)) break;
    return true;
  } catch (error: unknown) {
    if (error instanceof StepProblem && /NotImplemented|MethodNotAllowed/.test(error.message)) return false;
    throw error;
  }
}

/** Whether a part, and an object, that does not fit its checksum is refused. */
async function comparesChecksums(bucket: S3Bucket, key: string): Promise<boolean> {
  const at = bucket.at(key);
  const create = new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' });
  const { UploadId } = await bucket.ask('s3:PutObject', bucket.client.send(create));
  try {
    await learnToSign(bucket, { ...at, Body: words, UploadId, PartNumber: 1 });
    const wrong = { ...at, Body: words, ChecksumCRC32: wrongChecksum };
    const part = new UploadPartCommand({ ...wrong, UploadId, PartNumber: 1 });
    const isPartRefused = await isRefused(bucket, bucket.client.send(part));
    return isPartRefused && (await isRefused(bucket, bucket.client.send(new PutObjectCommand(wrong))));
  } finally {
    await abortUpload(bucket, at.Key, UploadId);
  }
}

/** A provider that takes no unsigned bodies has them signed. */
async function learnToSign(bucket: S3Bucket, part: UploadPartCommandInput): Promise<void> {
  const ChecksumCRC32 = inBase64(crc32(words));
  const send = () => bucket.client.send(new UploadPartCommand({ ...part, ChecksumCRC32 }));
  try {
    await send();
  } catch (error: unknown) {
    const isRefused = [400, 403, 501].includes(httpStatus(error) ?? 0);
    if (!isRefused || !bucket.capabilities.unsignedBodies) throw bucket.problem(error, 's3:PutObject');
    bucket.capabilities = { ...bucket.capabilities, unsignedBodies: false };
    await bucket.ask('s3:PutObject', send());
  }
}

async function isRefused(bucket: S3Bucket, sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return false;
  } catch (error: unknown) {
    if (httpStatus(error) === 400 && /Digest|Checksum|InvalidRequest|SHA256/.test(s3Code(error))) return true;
    throw bucket.problem(error, 's3:PutObject');
  }
}

function lacking(what: string): StepProblem {
  return new StepProblem('STORAGE_AUTHENTICATION', `The backup storage ${what}`, {
    remedy: 'Use a provider or a version of it that does, then retry.',
  });
}
