import { failures, type FailureCode } from './failures.js';

/** What is known of one failed attempt of a step. Times in milliseconds. */
export interface FailedAttempt {
  code: FailureCode;
  /** A worker that died or was stopped: nobody’s fault, tried again at once. */
  crashed: boolean;
  /** 1, 2, …: how many attempts in a row have failed without moving a byte. */
  fruitless: number;
  /** Milliseconds since something last moved. */
  quietMs: number;
}

/** Try again after `delayMs`, or give up. */
export type Verdict = { again: true; delayMs: number } | { again: false };

/** How many attempts in a row an unexplained error gets. */
const internalAttempts = 5;
/** The shortest wait, in milliseconds: after a crash. */
const crashDelayMs = 250;
/** A worker that dies at every attempt is not tried for ever. */
const crashAttempts = 40;

/**
 * Decides whether a failed step is tried again: what needs a person ends at once, what is away (a database, a
 * storage) is waited for `outagePatienceMs`, a crash is followed by another attempt.
 */
export function judge(attempt: FailedAttempt, outagePatienceMs: number): Verdict {
  const delayMs = Math.min(15_000, 1_000 * 2 ** Math.min(attempt.fruitless - 1, 4));
  if (attempt.crashed)
    return attempt.fruitless < crashAttempts ? { again: true, delayMs: crashDelayMs } : { again: false };
  if (!failures[attempt.code].transient) return { again: false };
  if (attempt.code === 'INTERNAL') {
    return attempt.fruitless < internalAttempts ? { again: true, delayMs } : { again: false };
  }
  const leftMs = outagePatienceMs - attempt.quietMs;
  return leftMs > 0
    ? { again: true, delayMs: Math.max(crashDelayMs, Math.min(delayMs, leftMs)) }
    : { again: false };
}
