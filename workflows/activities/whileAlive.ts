import { heartbeat } from '@temporalio/activity';

const beatMs = 2_000;

/** Does a piece of work with a heartbeat beside it, so that the death of its worker is noticed within seconds. */
export async function whileAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  heartbeat();
  const timer = setInterval(() => heartbeat(), beatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
