import { StepProblem } from '../stepProblem.js';
import type { Fingerprint } from './fingerprint.js';
import { inTurns } from './inTurns.js';

/** Reads what is stored to its end; throws a StepProblem where that is not what was written. */
export async function requireSame(
  written: string,
  stored: Fingerprint,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of inTurns(pieces)) {
    signal.throwIfAborted();
    stored.add(piece);
  }
  if (stored.end() === written) return;
  throw new StepProblem('STORAGE_UNREACHABLE', 'The backup storage gives back other bytes than were written');
}
