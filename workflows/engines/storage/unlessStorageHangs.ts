import { guardAgainstStall } from '../stallGuard.js';
import { orGiveUp } from '../giveUp.js';
import type { Storage, StoredObject } from './storage.js';

/**
 * Lends storage to short work, and gives it up where one call goes unanswered for `stallMs`: a STALLED `StepProblem`
 * then says so. Time spent on anything but storage does not count.
 */
export async function unlessStorageHangs<Result>(
  storage: Storage,
  stallMs: number,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const calls = { answered: 0, underWay: 0 };
  const position = () => (calls.underWay === 0 ? performance.now() : calls.answered);
  const { signal } = new AbortController();
  const guard = guardAgainstStall({ signal, stallMs, what: 'The backup storage', position });
  try {
    return await orGiveUp(work(watched(storage, calls, guard.signal)), guard.signal);
  } finally {
    guard.release();
  }
}

/** Once given up, work asks nothing any more: storage that answers late must not be changed behind whoever came after. */
function watched(
  storage: Storage,
  calls: { answered: number; underWay: number },
  signal: AbortSignal,
): Storage {
  const call = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    signal.throwIfAborted();
    calls.underWay += 1;
    try {
      return await ask();
    } finally {
      calls.underWay -= 1;
      calls.answered += 1;
    }
  };
  async function* list(prefix: string): AsyncGenerator<StoredObject> {
    const listed = storage.list(prefix)[Symbol.asyncIterator]();
    for (;;) {
      const next = await call(() => listed.next());
      if (next.done) return;
      yield next.value;
    }
  }
  return {
    write: (key, source, options) => call(() => storage.write(key, source, options)),
    seal: (key, bytes) => call(() => storage.seal(key, bytes)),
    stat: (key) => call(() => storage.stat(key)),
    read: (key, range) => call(() => storage.read(key, range)),
    list,
    remove: (keyOrPrefix) => call(() => storage.remove(keyOrPrefix)),
    localFile: (key) => storage.localFile(key),
    probe: () => call(() => storage.probe()),
  };
}
