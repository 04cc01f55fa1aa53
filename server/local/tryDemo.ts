import { createDemo } from './demo/createDemo.js';
import type { CreateDemoOptions } from './demo/demoOptions.js';
import { oneLine } from './refusal.js';
import { say } from './say.js';
import { untilStopped } from './untilStopped.js';

const WITHIN_MS = 180_000;

/**
 * Makes the demo project as far as it is not there yet. A demo that fails, or takes longer than three minutes, is told
 * in one line and tried again at the next start: Holdfast itself works without it.
 */
export async function tryDemo(options: Omit<CreateDemoOptions, 'log'>, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(WITHIN_MS);
  try {
    await untilStopped(createDemo({ ...options, log: say }), AbortSignal.any([signal, limit]));
  } catch (error: unknown) {
    signal.throwIfAborted();
    const why = limit.aborted ? `it took longer than ${WITHIN_MS / 60_000} minutes` : oneLine(error);
    say(`The demo project could not be made (${why}); this is tried again at the next start.`);
  }
}
