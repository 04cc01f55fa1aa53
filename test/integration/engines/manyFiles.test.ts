import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const files = 200_000;
const mebibyte = 1024 * 1024;
const script = fileURLToPath(new URL('./manyFilesCopy.mjs', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-many-'));
  mkdirSync(join(folder, 'media'));
  mkdirSync(join(folder, 'storage'));
  for (let number = 0; number < files; number += 1) {
    writeFileSync(join(folder, 'media', `picture-${number}.txt`), String(number));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  '200,000 files of one folder are copied, and looked at again, in bounded memory',
  { timeout: 600_000 },
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      join(folder, 'media'),
      join(folder, 'storage'),
    ]);
    const { idle, highest, ...copied } = JSON.parse(stdout) as { idle: number; highest: number };
    expect(copied).toEqual({ files, written: 0, reused: 1 });
    expect((highest - idle) / mebibyte).toBeLessThan(200);
  },
);
