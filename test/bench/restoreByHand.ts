import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BenchDatabase } from './benchDatabase.js';
import { timed } from './processFacts.js';

const run = promisify(execFile);

/** What restores a file into an empty database as people do by hand; answers with its seconds. */
export function restoreByHand(
  { bin, env }: BenchDatabase,
  file: string,
  options: string,
): () => Promise<number> {
  const psql = path.join(bin, 'psql');
  return async () => {
    const sql = async (text: string) =>
      run(psql, ['-q', '-d', 'postgres', '-c', text], { env: { ...process.env, ...env } });
    await sql('drop database if exists byhand');
    await sql('create database byhand template template0');
    const script = `"$1" --exit-on-error --no-owner ${options} -d byhand "$2"`;
    return (await timed(script, [path.join(bin, 'pg_restore'), file], env)).seconds;
  };
}
