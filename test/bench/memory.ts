import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sources } from '../support/projects.js';
import { pidOf } from '../support/processes.js';
import { makeDenseDatabase } from './benchDatabase.js';
import type { Bench } from './bench.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { makeMediaTree } from './mediaTree.js';
import { forgetPeak, memoryOf } from './processFacts.js';
import { byTurns, compared } from './rounds.js';
import { sized } from './sized.js';

const rounds = 5;
const small = sized(100);
const large = sized(4_000);
const restMs = 2_000;

/** Whether memory depends on how much is backed up. */
export const memory: Bench = {
  name: 'memory',
  question: 'How much memory does the worker take beyond its idle one at 4 GB, beside 100 MB?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    try {
      const rows = [
        compared('media of 4 GB beside 100 MB', 'MiB', await mediaPeaks(folder, say), aim),
        compared('database of 4 GB beside 100 MB', 'MiB', await databasePeaks(say), aim),
      ];
      const idle = await idleMebibytes();
      return {
        rounds,
        rows,
        notes: [
          `“Peer” is the same worker at 100 MB, both beyond its idle ${Math.round(idle)} MiB; each round is a worker of its own.`,
          'The first backup of an environment each; media in files as in `mediaFirst`.',
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const aim = 'at most 1.2, and 200 MiB';

async function mediaPeaks(folder: string, say: (line: string) => void) {
  const tree = (megabytes: number) =>
    makeMediaTree(path.join(folder, String(megabytes)), megabytes * 5, 19, megabytes * 1e6).folder;
  const [few, much] = [tree(small), tree(large)];
  const peak = (directory: string) => () => peakOf({ media: { directory } }, 'MEDIA');
  const { ours, peer } = await byTurns(rounds, { ours: peak(much), peer: peak(few) }, say);
  for (const each of [few, much]) await rm(each, { recursive: true });
  return { ours, peer };
}

async function databasePeaks(say: (line: string) => void) {
  const few = await makeDenseDatabase(small);
  const much = await makeDenseDatabase(large);
  try {
    const peak = (databaseUrl: string) => () => peakOf({ databaseUrl }, 'DATABASE');
    return await byTurns(rounds, { ours: peak(much.url), peer: peak(few.url) }, say);
  } finally {
    await Promise.all([few.stop(), much.stop()]);
  }
}

/** Mebibytes beyond the idle ones that a worker takes at most while it makes one backup. */
async function peakOf(sources: Sources, content: string): Promise<number> {
  const bench = await BenchHoldfast.start();
  try {
    const environment = await bench.environment(sources);
    const worker = await pidOf(bench.holdfast, 'worker');
    await delay(restMs);
    await forgetPeak(worker);
    const idle = (await memoryOf(worker)).now;
    await bench.backUp(environment, [content]);
    return ((await memoryOf(worker)).peak - idle) / 1024 ** 2;
  } finally {
    await bench.stop();
  }
}

async function idleMebibytes(): Promise<number> {
  const bench = await BenchHoldfast.start();
  try {
    const worker = await pidOf(bench.holdfast, 'worker');
    await delay(restMs);
    return (await memoryOf(worker)).now / 1024 ** 2;
  } finally {
    await bench.stop();
  }
}
