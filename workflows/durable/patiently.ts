import { setCurrentDetails, sleep } from '@temporalio/workflow';
import { judge, plainInMarkdown, secondsInWords } from '#schema/domain';
import { isWishToCancel, readStepError } from './stepError.js';

/**
 * Does a step until it succeeds, needs a person, or is cancelled. Between attempts the workflow’s current details
 * say what happened and when the next attempt is.
 */
export async function patiently<Result>(
  { step, doing, outagePatienceMs }: { step: string; doing: string; outagePatienceMs: number },
  attemptOnce: (attempt: number) => Promise<Result>,
): Promise<Result> {
  let fruitless = 0;
  let movedAt = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    setCurrentDetails(attempt === 1 ? doing : `${doing} (attempt ${attempt})`);
    try {
      return await attemptOnce(attempt);
    } catch (error: unknown) {
      if (isWishToCancel(error)) throw error;
      const { failure, crashed, progressed, outdated } = readStepError(error, step);
      if (outdated) throw error;
      if (progressed) {
        fruitless = 0;
        movedAt = Date.now();
      }
      fruitless += 1;
      const quietMs = Date.now() - movedAt;
      const attempted = { code: failure.code, crashed, fruitless, failed: attempt, quietMs };
      const verdict = judge(attempted, outagePatienceMs);
      if (!verdict.again) throw error;
      const wait = secondsInWords(verdict.delayMs / 1000);
      setCurrentDetails(
        `${doing}: attempt ${attempt} failed. **${failure.code}** ${plainInMarkdown(failure.message)} Next attempt in ${wait}.`,
      );
      await sleep(verdict.delayMs);
    }
  }
}
