import { secondsInWords } from '#schema/domain';
import { StepProblem } from './stepProblem.js';

/** An abort for work that stands still. */
export interface StallGuard {
  /** Aborts with the given signal, by `stop`, or with a STALLED `StepProblem`. */
  signal: AbortSignal;
  stop: (reason: unknown) => void;
  /** Ends the watching. */
  release: () => void;
}

/** Aborts work whose `position` has not changed for `stallMs`, naming `what` as what stood still. */
export function guardAgainstStall(order: {
  signal: AbortSignal;
  stallMs: number;
  what: string;
  position: () => number;
}): StallGuard {
  const own = new AbortController();
  let position = order.position();
  let movedAt = performance.now();
  const timer = setInterval(
    () => {
      const now = order.position();
      if (now !== position) {
        position = now;
        movedAt = performance.now();
      } else if (performance.now() - movedAt >= order.stallMs) {
        own.abort(
          new StepProblem(
            'STALLED',
            `${order.what} made no progress for ${secondsInWords(order.stallMs / 1000)}`,
          ),
        );
      }
    },
    Math.min(1_000, Math.max(10, order.stallMs / 4)),
  );
  timer.unref();
  return {
    signal: AbortSignal.any([order.signal, own.signal]),
    stop: (reason) => own.abort(reason),
    release: () => clearInterval(timer),
  };
}
