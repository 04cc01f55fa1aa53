import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const files = 100_000;
const mebibyte = 1024 * 1024;
const script = fileURLToPath(new URL('./mediaManyFiles.mjs', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-many-'));
  mkdirSync(join(folder, 'storage'));
  for (let number = 0; number < files; number += 1) {
    const into = join(folder, 'media', `album-${number % 50}`);
    if (number < 50) mkdirSync(into, { recursive: true });
    writeFileSync(join(into, `picture-${number}.txt`), String(number));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inProcess(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  return stdout;
}

test('100,000 files are staged in a thread, in bounded memory', { timeout: 600_000 }, async () => {
  const storage = join(folder, 'storage');
  const part = await inProcess('copy', join(folder, 'media'), storage);
  const answer = await inProcess('stage', join(folder, 'staged'), storage, part);
  const { grown, ...staged } = JSON.parse(answer) as { grown: number; files: number };
  expect(staged).toMatchObject({ files });
  expect(grown / mebibyte).toBeLessThan(200);
  expect(readdirSync(join(folder, 'staged'))).toHaveLength(50);
  expect(readFileSync(join(folder, 'staged/album-27/picture-777.txt'), 'utf8')).toBe('777');
});
