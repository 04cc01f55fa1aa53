import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { run } from '../../../workflows/engines/run.js';

const never = new AbortController().signal;
const shell = (script: string, signal = never) => run({ program: '/bin/sh', args: ['-c', script], signal });

test('hands on output, exit code and the end of stderr', async () => {
  const program = shell(
    'echo out; i=0; while [ $i -lt 2000 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 3',
  );
  const [out, exit] = await Promise.all([text(program.stdout), program.exit]);
  expect(out).toBe('out\n');
  expect(exit).toMatchObject({ code: 3, signal: null });
  expect(exit.stderrTail).toHaveLength(8 * 1024);
  expect(exit.stderrTail).toMatch(/line 1999\n$/);
});

test('keeps the output of a program that ends before anybody reads it', async () => {
  const program = shell('echo out');
  expect((await program.exit).code).toBe(0);
  await sleep(200);
  expect(await text(program.stdout)).toBe('out\n');
});

test('reads its input and knows nothing of our environment', async () => {
  process.env['HOLDFAST_TEST_SECRET'] = 'secret';
  process.env['PGPASSWORD'] = 'secret';
  try {
    const program = run({
      program: '/bin/sh',
      args: ['-c', 'cat; env'],
      env: { OWN: 'yes' },
      stdin: 'pipe',
      signal: never,
    });
    program.stdin?.end('hello\n');
    const out = await text(program.stdout);
    expect(out).toMatch(/^hello\n/);
    expect(out).toContain('OWN=yes');
    expect(out).not.toContain('secret');
    expect((await program.exit).code).toBe(0);
  } finally {
    delete process.env['HOLDFAST_TEST_SECRET'];
    delete process.env['PGPASSWORD'];
  }
});

test('a program that is not there is no success', async () => {
  const program = run({ program: '/no/such/program', args: [], signal: never });
  program.stdout.resume();
  const ended = await program.exit.catch(() => ({ code: null }));
  expect(ended.code).not.toBe(0);
});

test.each([
  ['that listens', 'echo $$; exec sleep 600'],
  ['that does not listen', 'trap "" TERM; sleep 600 & echo $!; sleep 600'],
  ['that was stopped', 'echo $$; kill -STOP $$; sleep 600'],
])('an abort ends a program %s, and what it started', async (_, script) => {
  const controller = new AbortController();
  const program = shell(script, controller.signal);
  const [said] = (await once(program.stdout, 'data')) as [Buffer];
  await sleep(100);
  const began = performance.now();
  controller.abort();
  expect(await program.exit).toMatchObject({ code: null });
  expect(performance.now() - began).toBeLessThan(4_000);
  await expect.poll(() => stateOf(Number(said))).toMatch(/^(gone|Z)$/);
});

test('an abort that came before starts nothing', () => {
  expect(() => shell('true', AbortSignal.abort(new Error('too late')))).toThrow('too late');
});

test('a program dies with us, even when we are killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-run-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    for (const name of ['run', 'niceness', 'parentDeathGuard']) {
      const source = await readFile(
        new URL(`../../../workflows/engines/${name}.ts`, import.meta.url),
        'utf8',
      );
      const options = { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 };
      await writeFile(
        join(folder, `${name}.js`),
        ts.transpileModule(source, { compilerOptions: options }).outputText,
      );
    }
    const script = `
      import { run } from './run.js';
      const program = run({ program: '/bin/sleep', args: ['600'], signal: new AbortController().signal });
      console.log(program.pid);`;
    await writeFile(join(folder, 'parent.js'), script);
    const parent = spawn(process.execPath, [join(folder, 'parent.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said);
    process.kill(pid, 0);
    await sleep(200);
    parent.kill('SIGKILL');
    await expect.poll(() => stateOf(pid), { timeout: 5_000 }).toMatch(/^(gone|Z)$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) (\S)/.exec(stat)?.[1] ?? 'gone';
}
