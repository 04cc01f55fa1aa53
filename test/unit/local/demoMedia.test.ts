import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDemoMedia } from '../../../server/local/demo/demoMedia.js';
import { planDemoMedia } from '../../../server/local/demo/demoMediaPlan.js';
import { seededNumbers } from '../../../server/local/demo/seededNumbers.js';

describe('seededNumbers', () => {
  it('gives the same for the same seed, on every machine', () => {
    const numbers = seededNumbers('seed');
    const first = Array.from({ length: 4 }, () => numbers.below(1000));
    expect(first).toEqual(EXPECTED_NUMBERS);
    expect(
      seededNumbers('seed')
        .fill(Buffer.alloc(8))
        .equals(seededNumbers('other').fill(Buffer.alloc(8))),
    ).toBe(false);
    expect(sha256(seededNumbers('seed').fill(Buffer.alloc(4096)))).toBe(EXPECTED_NOISE);
  });
});

describe('planDemoMedia', () => {
  it('has no path twice, neither on file systems that ignore case or accents', () => {
    const paths = planDemoMedia(1).map((entry) => entry.path.normalize('NFC').toLowerCase());
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('has names that every file system takes, one of 200 bytes, and folders in folders', () => {
    const paths = planDemoMedia(1).map((entry) => entry.path);
    const lengths = paths.flatMap((path) => path.split('/').map((name) => Buffer.byteLength(name)));
    expect(Math.max(...lengths)).toBe(200);
    expect(Math.max(...paths.map((path) => path.split('/').length))).toBeGreaterThanOrEqual(5);
  });

  it('is 800 files and 150 MB at full size, and always the same bytes', () => {
    const files = planDemoMedia(1).filter((entry) => entry.kind === 'file');
    expect(files.length).toBeGreaterThanOrEqual(800);
    let bytes = 0;
    const hash = createHash('sha256');
    for (const file of files) {
      hash.update(file.path);
      for (const piece of file.content()) {
        bytes += piece.length;
        hash.update(piece);
      }
    }
    expect(bytes).toBeGreaterThanOrEqual(150 * 1024 * 1024);
    expect(hash.digest('hex')).toBe(EXPECTED_CONTENT);
  });
});

describe('createDemoMedia', () => {
  let folder = '';
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'demo-media-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('writes the plan with fixed modes and times, whatever the umask', async () => {
    const media = join(folder, 'live', 'media');
    const before = process.umask(0o077);
    expect(await createDemoMedia(media, 0.02).finally(() => process.umask(before))).toBe(true);

    expect(await readdir(join(folder, 'live'))).toEqual(['media']);
    const upload = await lstat(join(media, 'uploads/2025/12/empty.txt'));
    expect([upload.size, upload.mode & 0o777, upload.mtimeMs % 1000]).toEqual([0, 0o644, 0]);
    const incoming = await lstat(join(media, 'uploads/incoming'));
    expect([incoming.mode & 0o777, new Date(incoming.mtimeMs).getUTCFullYear()]).toEqual([0o755, 2025]);
    expect(await readdir(join(media, 'uploads/incoming'))).toEqual([]);
    expect(await readlink(join(media, 'uploads/latest.png'))).toBe('2025/placeholders/copy-2.png');
    expect((await lstat(join(media, 'uploads/2025/12/same as copy-1.png'))).nlink).toBe(2);
  });

  it('leaves a folder that is there, and replaces what a cut-off left beside it', async () => {
    const media = join(folder, 'media');
    await mkdir(`${media}.building/half`, { recursive: true });
    await writeFile(`${media}.building/half/file`, 'x');
    expect(await createDemoMedia(media, 0.02)).toBe(true);
    expect(await readdir(folder)).toEqual(['media']);
    expect(await readdir(media)).not.toContain('half');

    await rm(join(media, 'theme'), { recursive: true });
    expect(await createDemoMedia(media, 0.02)).toBe(false);
    expect(await readdir(media)).not.toContain('theme');
  });
});

const EXPECTED_NUMBERS = [517, 592, 911, 196];
const EXPECTED_NOISE = '0aa6f37a36c5a955ac7140cffb32ed385cad9edaf28976ddbaa9b226330250b3';
const EXPECTED_CONTENT = 'd6cef76bf88ec49b7f57b36a7dce1a1c472cda5c2aa08f969eb50cb67ce53b9b';

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
