import { setImmediate } from 'node:timers/promises';

const turnBytes = 1024 * 1024;

/** What a source gives, in pieces of at most 1 MiB; after each MiB others have their turn on the thread. */
export async function* inTurns(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  let sinceTurn = 0;
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; from += turnBytes) {
      const piece = from === 0 && chunk.length <= turnBytes ? chunk : chunk.subarray(from, from + turnBytes);
      yield piece;
      sinceTurn += piece.length;
      if (sinceTurn < turnBytes) continue;
      sinceTurn = 0;
      await setImmediate();
    }
  }
}
