import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { databaseInWords, dumpProblem } from '../problem.js';
import { lastWords, withoutSecrets } from '../serverWords.js';

/** What the server answers, in whatever language, where a program says the code too: psql can be told to, pg_restore cannot. */
const answer = /: {2}([0-9A-Z]{5}): /g;
const fullState = /: {2}53100: /;
const full = /No space left on device|could not extend file|disk full|Disk quota exceeded/i;
/** That the trouble was with reaching the server, not with what was restored. */
const aboutConnection =
  /FATAL:|connection to server|could not (?:connect|receive data|send data|translate)|server closed the connection|no connection to the server/;
const connectionCodes: ReadonlySet<string> = new Set(['DATABASE_UNREACHABLE', 'DATABASE_AUTHENTICATION']);

/** What a connection threw while restoring, in words about restoring. */
export function asRestoreProblem(address: DatabaseAddress, error: unknown): unknown {
  if (!(error instanceof StepProblem)) return error;
  if (isFull(error)) return fullProblem(address, error);
  if (error.code === 'DATABASE_DUMP_FAILED')
    return new StepProblem('DATABASE_RESTORE_FAILED', error.message, { cause: error });
  if (error.code === 'DATABASE_PERMISSION' && error.cause instanceof Error)
    return new StepProblem(
      'DATABASE_PERMISSION',
      `“${address.user}” may not change the database ${databaseInWords(address)} (${withoutSecrets(error.cause.message, address)})`,
      { cause: error, remedy: 'Grant the environment’s role the right to do what is named, then retry.' },
    );
  return error;
}

/** What a program said on stderr before it failed, in words about restoring. */
export function restoreProblem(
  address: DatabaseAddress,
  program: 'pg_restore' | 'psql',
  stderr: string,
): StepProblem {
  const lines = stderr.split('\n');
  const telling = lines.filter((line) => /(?:error|ERROR|FATAL|PANIC|DETAIL):/.test(line));
  const said = (telling.length > 0 ? telling : lines).join('\n').replace(answer, ':  ');
  const text = withoutSecrets(said, address);
  if (full.test(text) || fullState.test(stderr)) return fullProblem(address, null);
  if (aboutConnection.test(text)) {
    const problem = dumpProblem(address, text);
    if (connectionCodes.has(problem.code)) return problem;
  }
  const words = lastWords(text) || 'it gave no reason';
  return new StepProblem(
    'DATABASE_RESTORE_FAILED',
    `${program} into ${databaseInWords(address)} failed: ${words}`,
  );
}

function isFull({ cause, message }: StepProblem): boolean {
  return systemCode(cause) === '53100' || full.test(message);
}

function fullProblem(address: DatabaseAddress, cause: unknown): StepProblem {
  return new StepProblem(
    'DESTINATION_FULL',
    `The disk of the database server of ${databaseInWords(address)} is full`,
    { cause },
  );
}
