import type { Readable } from 'node:stream';
import { StepProblem } from '../../stepProblem.js';

/** More than what pg_restore says after its COMMIT. */
const tailBytes = 16 * 1024;
const restricted = /^(?:--[^\n]*\n|\n)*\\restrict \w+\n/;
const lastCommit = Buffer.from('\nCOMMIT;\n');

/**
 * The script that `pg_restore --single-transaction` writes, without the COMMIT at its end, piece by piece. Throws before
 * the first piece where psql would follow commands in it, because the tools are too old.
 */
export async function* withoutCommit(script: Readable): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  let isChecked = false;
  const check = () => {
    if (isChecked) return;
    isChecked = true;
    if (!restricted.test(held.toString('latin1', 0, tailBytes))) throw notRestricted();
  };
  for await (const piece of script as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, piece]);
    if (held.length < 2 * tailBytes) continue;
    check();
    yield held.subarray(0, held.length - tailBytes);
    held = held.subarray(held.length - tailBytes);
  }
  if (held.length === 0) return;
  check();
  const at = held.lastIndexOf(lastCommit);
  if (at === -1) throw new StepProblem('DATABASE_RESTORE_FAILED', 'The dump breaks off before its end');
  yield Buffer.concat([held.subarray(0, at + 1), held.subarray(at + lastCommit.length)]);
}

function notRestricted(): StepProblem {
  return new StepProblem(
    'DATABASE_VERSION',
    'The PostgreSQL client tools on the worker are too old to restore in place: they do not guard psql against commands in a dump',
    { remedy: 'Update the PostgreSQL client tools on the worker to the latest minor version, then retry.' },
  );
}
