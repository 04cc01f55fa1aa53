import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { readIfThere } from './files.js';
import { identifyProcess, isSameProcessAlive } from './processIdentity.js';
import { Refusal } from './refusal.js';

interface LockContent {
  pid: number;
  started: string;
  /** Unlike any other lock's, so that a lock can be recognised as the one that was read before. */
  token: string;
}

/** A lock that this process holds. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a data folder: at most one Holdfast at a time uses it.
 * Throws a Refusal that names the other process; a lock whose process is gone is taken over.
 */
export async function lockDataFolder(file: string, dataFolder: string): Promise<Lock> {
  const holder = await takeLock(file);
  if (holder !== undefined) {
    throw new Refusal(
      `Holdfast already runs on the data folder ${dataFolder} (process ${holder.pid}): ` +
        'stop it, or choose another folder with HOLDFAST_DATA.',
    );
  }
  return { release: () => rm(file, { force: true }) };
}

/** Takes the lock and answers undefined, or answers who holds it. */
async function takeLock(file: string): Promise<LockContent | undefined> {
  const mine = await ownContent();
  const written = `${file}.${mine.token}`;
  await writeFile(written, JSON.stringify(mine), { mode: 0o600 });
  try {
    if (await linkUnlessThere(written, file)) return undefined;
    const holder = await readLock(file);
    if (holder === undefined) return await takeLock(file);
    if (await isSameProcessAlive(holder)) return holder;
    return await takeOver(file, holder, written);
  } finally {
    await rm(written, { force: true });
  }
}

/** Of several that find the same stale lock, only the one that gets the lock named after its token may replace it. */
async function takeOver(file: string, stale: LockContent, written: string): Promise<LockContent | undefined> {
  const turnstile = `${file}.over-${stale.token}`;
  const other = await takeLock(turnstile);
  if (other !== undefined) return other;
  try {
    const present = await readLock(file);
    if (present?.token !== stale.token) return await takeLock(file);
    await rename(written, file);
    return undefined;
  } finally {
    await rm(turnstile, { force: true });
  }
}

async function ownContent(): Promise<LockContent> {
  const identity = await identifyProcess(process.pid);
  return { pid: process.pid, started: identity?.started ?? '', token: randomUUID() };
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error: unknown) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(file: string): Promise<LockContent | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LockContent;
  } catch {
    // A power cut can leave it empty; nobody that lives holds such a lock.
    return { pid: 0, started: '', token: 'unreadable' };
  }
}
