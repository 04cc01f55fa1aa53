import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DatabasePartDocument } from '#schema/domain';
import { StepProblem } from '../../engines/stepProblem.js';
import { systemCode } from '../../engines/systemCode.js';
import type { WorkerTools } from '../workerTools.js';

/** Enough for the contents of many thousand tables. */
const startBytes = 32 * 1024 * 1024;

/**
 * Lends the stored dump as a file: a link to the very one where storage is a folder of this machine, else a copy in the scratch folder,
 * compared with its hash on the way and removed afterwards.
 */
export async function withDumpFile<Result>(
  tools: WorkerTools,
  part: DatabasePartDocument,
  signal: AbortSignal,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const local = tools.storage.localFile(part.key);
  const copy = path.join(tools.scratch, `${randomUUID()}.dump`);
  try {
    await mkdir(tools.scratch, { recursive: true, mode: 0o700 });
    // Through a link, so that whoever needs a file beside it does not write into storage.
    if (local !== null && (await sizeOf(local)) === part.size) await symlink(local, copy);
    else await fetchDump(tools, part, copy, signal);
    return await use(copy);
  } finally {
    await rm(copy, { force: true });
  }
}

/** Lends a file that holds at least the dump’s table of contents, which stands at its beginning. */
export async function withDumpStart<Result>(
  tools: WorkerTools,
  part: DatabasePartDocument,
  signal: AbortSignal,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const local = tools.storage.localFile(part.key);
  if (local !== null && (await sizeOf(local)) === part.size) return use(local);
  const start = path.join(tools.scratch, `${randomUUID()}.start`);
  try {
    const length = Math.min(part.size, startBytes);
    const stored = await tools.storage.read(part.key, { start: 0, length });
    if (!stored) throw new StepProblem('BACKUP_DAMAGED', 'The stored dump is gone');
    await mkdir(tools.scratch, { recursive: true, mode: 0o700 });
    await pipeline(stored, createWriteStream(start, { flags: 'wx', mode: 0o600 }), { signal });
    return await use(start);
  } finally {
    await rm(start, { force: true });
  }
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}

async function fetchDump(
  { storage, scratch }: WorkerTools,
  part: DatabasePartDocument,
  copy: string,
  signal: AbortSignal,
): Promise<void> {
  const stored = await storage.read(part.key);
  if (!stored) throw new StepProblem('BACKUP_DAMAGED', 'The stored dump is gone');
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(stored, hashing, createWriteStream(copy, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (error: unknown) {
    if (systemCode(error) !== 'ENOSPC') throw error;
    throw new StepProblem('DESTINATION_FULL', `The worker’s scratch folder “${scratch}” is full`, {
      remedy: 'Free space there or set HOLDFAST_SCRATCH_DIR to another folder, then retry.',
    });
  }
  if (hash.digest('hex') !== part.sha256) {
    throw new StepProblem('BACKUP_DAMAGED', 'The stored dump is not what was written: its SHA-256 differs');
  }
}
