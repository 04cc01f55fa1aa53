import { heartbeat, sleep } from '@temporalio/activity';
import { QueryFailedError } from 'typeorm';
import { systemCode } from '../engines/systemCode.js';

const againMs = 1_000;
const awayCodes = /^(?:08...|57P0[1-5]|53300|55000|E[A-Z_]+)$/;
const awayWords = /connection terminated|timeout exceeded when trying to connect|not queryable/i;

/**
 * Asks the catalogue, again and again while it is away: without it no end of the job could be recorded either.
 * Rejects where the activity is cancelled, and with any other error at once. What it asks may be asked twice.
 */
export async function onceCatalogueAnswers<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error: unknown) {
      if (!isAway(error)) throw error;
      heartbeat();
      await sleep(againMs);
    }
  }
}

function isAway(error: unknown): boolean {
  const reason: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return (
    awayCodes.test(systemCode(reason) ?? '') || (reason instanceof Error && awayWords.test(reason.message))
  );
}
