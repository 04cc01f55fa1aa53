import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { orGiveUp } from '../giveUp.js';
import { guardAgainstStall } from '../stallGuard.js';
import type { EngineStorage } from '../storage/storage.js';
import { serveStorage } from './serveStorage.js';
import { keepThread, takeThread } from './spareThread.js';
import { packError, unpackError, type FromThread, type ThreadEngine, type ToThread } from './wire.js';

export interface ThreadWork {
  engine: ThreadEngine;
  /** Plain values only. */
  order: unknown;
  storage: EngineStorage;
  /** What the thread may ask; each takes one plain value. */
  answers?: Record<string, (value: never) => Promise<unknown>>;
  /** What the thread tells. */
  hears: Record<string, (value: never) => void>;
  signal: AbortSignal;
  /** How long the thread may say nothing at all, as it does where a file system hangs. */
  stallMs: number;
  /** What sentences call the work, e.g. `The copy of the media folder`. */
  what: string;
}

/** How long a storage that hangs may take to let go of what a thread has left open. */
const graceMs = 10_000;

/** Runs an engine in a thread of its own. Rejects with the engine’s own error; an abort ends it within seconds. */
export async function inThread<Result>(work: ThreadWork): Promise<Result> {
  work.signal.throwIfAborted();
  let heard = 0;
  const { what, stallMs } = work;
  const guard = guardAgainstStall({ signal: work.signal, stallMs, what, position: () => heard });
  const thread = takeThread();
  const say: Say = (message, transfer = []) => thread.postMessage(message, transfer);
  const served = serveStorage(work.storage, guard.signal, (write, total) =>
    say({ kind: 'taken', write, total }),
  );
  const answers: Record<string, (value: never) => Promise<unknown>> = { ...served.calls, ...work.answers };
  const abort = () => say({ kind: 'abort', reason: packError(guard.signal.reason) });
  guard.signal.addEventListener('abort', abort, { once: true });
  const ended = new Promise<Result>((resolve, reject) => {
    const hear = (message: FromThread) => {
      heard += 1;
      if (message.kind === 'tell') work.hears[message.name]?.(message.value as never);
      else if (message.kind === 'ask') void answer(answers, message, say);
      else if (message.kind === 'done') resolve(message.value as Result);
      else if (message.kind === 'failed') reject(unpackError(message.error));
    };
    // A thread that waited began elsewhere: what hears it belongs to this activity all the same.
    thread.on('message', AsyncResource.bind(hear));
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`${what} ended without a word (${code})`)));
  });
  say({ kind: 'begin', engine: work.engine, order: work.order });
  let isDone = false;
  try {
    const result = await orGiveUp(ended, guard.signal);
    isDone = true;
    return result;
  } catch (error: unknown) {
    throw guard.signal.aborted ? guard.signal.reason : error;
  } finally {
    guard.signal.removeEventListener('abort', abort);
    guard.release();
    // One that is stuck in a system call ends when that does.
    if (!isDone) void thread.terminate();
    await Promise.race([served.close(), delay(graceMs, undefined, { ref: false })]);
    if (isDone) keepThread(thread);
  }
}

type Say = (message: ToThread, transfer?: ArrayBuffer[]) => void;

async function answer(
  answers: Record<string, (value: never) => Promise<unknown>>,
  { id, name, value }: Extract<FromThread, { kind: 'ask' }>,
  say: Say,
): Promise<void> {
  try {
    const asked = answers[name];
    if (!asked) throw new Error(`A thread asked for ${name}, which there is not`);
    const answered = await asked(value as never);
    say({ kind: 'answer', id, value: answered }, handedOver(answered));
  } catch (error: unknown) {
    say({ kind: 'refusal', id, error: packError(error) });
  }
}

/** A piece of what was read goes without being copied, where it has its memory to itself. */
function handedOver(value: unknown): ArrayBuffer[] {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return [];
  const isWhole = value.byteLength === value.buffer.byteLength && value.byteLength > Buffer.poolSize;
  return isWhole ? [value.buffer] : [];
}
