import { setTimeout as pause } from 'node:timers/promises';

const pauseMs = 1_000;

/** What is waited for, and when it is given up. */
export interface Waiting<Answer> {
  /** Its name for people, e.g. `Temporal (TEMPORAL_ADDRESS)`. */
  what: string;
  withinMs: number;
  attempt: () => Promise<Answer>;
  /** Whether trying again can help after this error. */
  mayPass: (error: unknown) => boolean;
  say: (line: string) => void;
}

/** Tries once a second until it works; says once what it waits for. Throws the last error when the time is over. */
export async function waitFor<Answer>({
  what,
  withinMs,
  attempt,
  mayPass,
  say,
}: Waiting<Answer>): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (let first = true; ; first = false) {
    try {
      return await attempt();
    } catch (error: unknown) {
      if (!mayPass(error) || Date.now() > deadline) throw error;
      if (first) say(`Waiting for ${what}`);
      await pause(pauseMs);
    }
  }
}
