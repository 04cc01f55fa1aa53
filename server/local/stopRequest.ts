import { sayNow } from './say.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof SIGNALS)[number];

// npm passes Ctrl-C on to us although the terminal told us already: a second signal at once is the same request.
const SAME_REQUEST_MS = 1_000;

/** A person's or the system's request to stop. */
export interface StopRequest {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Aborted by a later signal of a person who does not want to wait. */
  hurry: AbortSignal;
  /** The exit code by convention of the signal that came; undefined while none came. */
  exitCode(): number | undefined;
}

/** Listens for SIGINT, SIGTERM and SIGHUP from now on, for as long as this process lives. */
export function listenForStop(): StopRequest {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first: { name: StopSignal; at: number } | undefined;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (first === undefined) {
        first = { name, at: Date.now() };
        sayNow('Stopping… (again to hurry)');
        stop.abort();
      } else if (Date.now() - first.at > SAME_REQUEST_MS) {
        hurry.abort();
      }
    });
  }
  return { signal: stop.signal, hurry: hurry.signal, exitCode: () => first && exitCodeOf(first.name) };
}

function exitCodeOf(name: StopSignal): number {
  switch (name) {
    case 'SIGHUP':
      return 129;
    case 'SIGINT':
      return 130;
    case 'SIGTERM':
      return 143;
  }
}
