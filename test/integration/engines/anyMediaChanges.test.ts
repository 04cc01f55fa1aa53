import fc from 'fast-check';
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { until } from '../../support/until.js';
import { useMediaBench } from './mediaBench.js';
import { anyChange, apply } from './mediaChanges.js';
import { MediaHistory, treeIn, treeOn } from './mediaHistory.js';

const bench = useMediaBench();

afterEach(() => void vi.restoreAllMocks());

test('whatever changes, each backup gives the tree back exactly and storage is explained', async () => {
  // A clock that is ahead makes everything look settled: else nothing would be taken on its look.
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  const rounds = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 8 }), {
    minLength: 2,
    maxLength: 5,
  });
  let joined = 0;
  await fc.assert(
    fc.asyncProperty(rounds, fc.integer({ min: 20_000, max: 200_000 }), async (changes, packBytes) => {
      for (const folder of ['media', 'storage']) {
        rmSync(join(bench.folder, folder), { recursive: true, force: true });
        mkdirSync(join(bench.folder, folder));
      }
      const history = new MediaHistory(bench);
      for (const some of changes) {
        for (const change of some) apply(bench.root, change);
        await nextTick();
        const tree = treeOn(bench);
        const copied = await history.backUp({ packBytes });
        expect(copied.warnings.map(({ code }) => code)).toEqual(copied.files === 0 ? ['MEDIA_EMPTY'] : []);
        expect(await treeIn(bench, copied)).toEqual(tree);
        await history.requireExplained();
        joined += copied.reusedPacks.length;
      }
      for (const [index, copied] of history.backups.entries()) {
        if (index < history.backups.length - 1) await treeIn(bench, copied);
      }
    }),
    { numRuns: 40 },
  );
  expect(joined).toBeGreaterThan(0);
}, 300_000);

/** Waits until the file system’s clock, which is coarse, has moved on: what changes now looks changed. */
async function nextTick(): Promise<void> {
  const probe = join(bench.folder, 'clock');
  const touch = () => {
    writeFileSync(probe, 'x');
    utimesSync(probe, 1, 1);
    return statSync(probe, { bigint: true }).ctimeNs;
  };
  const before = touch();
  await until('the file system’s clock moves', 5_000, async () => touch() > before);
}
