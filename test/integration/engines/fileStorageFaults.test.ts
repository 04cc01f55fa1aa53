import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const built = fileURLToPath(new URL('../../../dist/workflows/engines/storage/file.js', import.meta.url));
const hasStrace = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes, or seals, `a/b` in a process whose system calls fail as the rule says; answers with what came of it. */
function under(rule: string, how: 'write' | 'seal'): { code: string; message: string } | 'done' {
  const script = `
    const { FileStorage } = await import(${JSON.stringify(built)});
    const { Readable } = await import('node:stream');
    const storage = new FileStorage(${JSON.stringify(folder)});
    const bytes = Buffer.alloc(3_000_000);
    const signal = new AbortController().signal;
    const work = ${how === 'write'} ? storage.write('a/b', Readable.from([bytes]), { signal }) : storage.seal('a/b', bytes);
    const answer = await work.then(() => 'done', ({ code, message }) => ({ code, message }));
    process.stdout.write(JSON.stringify(answer));`;
  const strace = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${rule.split(':')[0]}`,
    '-e',
    `inject=${rule}`,
  ];
  const { stdout, stderr } = spawnSync(
    'strace',
    [...strace, process.execPath, '--input-type=module', '-e', script],
    // One thread makes all system calls, so that they can be counted.
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, timeout: 60_000 },
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { code: string; message: string } | 'done';
}

describe.skipIf(!hasStrace)('a disk that fails (needs strace)', () => {
  test.each(['write', 'seal'] as const)(
    'F25: EIO at any fsync of a %s fails it, and nothing stays',
    async (how) => {
      // The file, its folder and the root: three in all.
      for (const when of [1, 2, 3]) {
        expect(under(`fsync:error=EIO:when=${when}`, how)).toEqual({
          code: 'STORAGE_UNREACHABLE',
          message: 'The backup storage could not be reached (EIO)',
        });
        expect(await readdir(folder)).toEqual([]);
      }
      expect(under('fsync:error=EIO:when=4', how)).toBe('done');
    },
  );
});
