import { failures, type FailureCode, type Finding } from '#schema/domain';
import { StepProblem } from './stepProblem.js';

/** A remark about a field of an environment: what is wrong and what to do, without a word of retrying. */
export function finding(code: FailureCode, field: string, what: string, ownRemedy?: string): Finding {
  const remedy = (ownRemedy ?? failures[code].remedy).replace(/,? then retry\.$/, '.');
  return { code, message: `${field}: ${what.replace(/[.\s]*$/, '.')} ${remedy}` };
}

/** The same of what was thrown; throws it where it is no problem of the environment’s, or where nobody waits any more. */
export function toFinding(field: string, error: unknown, signal: AbortSignal): Finding {
  if (error instanceof StepProblem && !signal.aborted)
    return finding(error.code, field, error.message, error.remedy);
  throw error;
}
