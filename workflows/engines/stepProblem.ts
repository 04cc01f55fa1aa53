import type { FailureCode } from '#schema/domain';

/**
 * Thrown by engines when something outside says no: a stable code and what happened, in one sentence without
 * secrets. What to do about it stands in the domain's failure table.
 */
export class StepProblem extends Error {
  override readonly name = 'StepProblem';

  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
