import type { FailureCode } from '#schema/domain';

/**
 * Thrown by engines when something outside says no: a stable code and what happened, in one sentence without
 * secrets. What to do about it stands in the domain’s failure table, unless the problem has a remedy of its own.
 */
export class StepProblem extends Error {
  override readonly name = 'StepProblem';
  /** What to do about it, in one sentence, where the code’s own remedy would mislead. */
  readonly remedy: string | undefined;

  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions & { remedy?: string },
  ) {
    super(message, options);
    this.remedy = options?.remedy;
  }
}
