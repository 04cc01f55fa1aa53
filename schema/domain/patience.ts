import { failures, type FailureCode } from './failures.js';

/** What is known of one failed attempt of a step. Times in milliseconds. */
export interface FailedAttempt {
  code: FailureCode;
  /** A worker that died or was stopped: nobody’s fault, tried again at once. */
  crashed: boolean;
  /** 1, 2, …: how many attempts in a row have failed without moving a byte. */
  fruitless: number;
  /** 1, 2, …: how many attempts have failed in all. */
  failed: number;
  /** Milliseconds since something last moved. */
  quietMs: number;
}

/** Try again after `delayMs`, or give up. */
export type Verdict = { again: true; delayMs: number } | { again: false };

/** How many attempts in a row, none of which moves a byte, an unexplained error gets. */
const internalAttempts = 5;
/** How many attempts what stands still gets: each has waited long, and may have moved much before. */
const stalledAttempts = 3;
/** The most attempts of all: what moves something each time and then fails is not tried for ever. */
const mostAttempts = 100;
/** The shortest wait, in milliseconds: after a crash. */
const crashDelayMs = 250;
/** A worker that dies at every attempt is not tried for ever. */
const crashAttempts = 40;

/**
 * Decides whether a failed step is tried again: what needs a person ends at once, what is away (a database, a
 * storage) is waited for `outagePatienceMs`, what stood still or crashed is tried again, and nothing for ever.
 */
export function judge(attempt: FailedAttempt, outagePatienceMs: number): Verdict {
  const delayMs = Math.min(15_000, 1_000 * 2 ** Math.min(attempt.fruitless - 1, 4));
  if (attempt.crashed)
    return attempt.fruitless < crashAttempts ? { again: true, delayMs: crashDelayMs } : { again: false };
  if (!failures[attempt.code].transient || attempt.failed >= mostAttempts) return { again: false };
  if (attempt.code === 'INTERNAL') {
    return attempt.fruitless < internalAttempts ? { again: true, delayMs } : { again: false };
  }
  if (attempt.code === 'STALLED') {
    return attempt.failed < stalledAttempts ? { again: true, delayMs } : { again: false };
  }
  const leftMs = outagePatienceMs - attempt.quietMs;
  return leftMs > 0
    ? { again: true, delayMs: Math.max(crashDelayMs, Math.min(delayMs, leftMs)) }
    : { again: false };
}
