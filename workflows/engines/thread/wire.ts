import type { FailureCode } from '#schema/domain';
import { StepProblem } from '../stepProblem.js';

/** What a thread says to its worker. */
export type FromThread =
  /** It is not stuck; said every second. */
  | { kind: 'alive' }
  | { kind: 'tell'; name: string; value: unknown }
  | { kind: 'ask'; id: number; name: string; value: unknown }
  | { kind: 'done'; value: unknown }
  | { kind: 'failed'; error: SentError };

/** The engines that run in threads. */
export type ThreadEngine =
  'archiveMedia' | 'copyMedia' | 'dumpDatabase' | 'measureMedia' | 'stageMedia' | 'tendMedia';

/** What the worker says to a thread. */
export type ToThread =
  /** Said once: what the thread is for. */
  | { kind: 'begin'; engine: ThreadEngine; order: unknown }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refusal'; id: number; error: SentError }
  /** How many bytes of a write storage has taken. */
  | { kind: 'taken'; write: number; total: number }
  | { kind: 'abort'; reason: SentError };

/** An error on its way between threads, which would else lose its class and its code. */
export interface SentError {
  message: string;
  stack: string | undefined;
  /** The operating system’s or a driver’s code, e.g. `EIO`. */
  systemCode: string | undefined;
  problem: { code: FailureCode; remedy: string | undefined } | null;
}

/** Makes an error ready to be sent. */
export function packError(error: unknown): SentError {
  if (!(error instanceof Error)) {
    return { message: String(error), stack: undefined, systemCode: undefined, problem: null };
  }
  const { message, stack } = error;
  if (error instanceof StepProblem) {
    return { message, stack, systemCode: undefined, problem: { code: error.code, remedy: error.remedy } };
  }
  const systemCode = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { message, stack, systemCode, problem: null };
}

/** The error that was sent. */
export function unpackError({ message, stack, systemCode, problem }: SentError): Error {
  const options = problem?.remedy === undefined ? undefined : { remedy: problem.remedy };
  const error = problem ? new StepProblem(problem.code, message, options) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return systemCode === undefined ? error : Object.assign(error, { code: systemCode });
}
