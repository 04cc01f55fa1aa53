import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Bench } from './bench.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { latencies, type Asked } from './load.js';
import { makeMediaTree } from './mediaTree.js';
import { compared, median, percentile } from './rounds.js';
import { sized } from './sized.js';

const rounds = 5;
const batch = 20;
const idleRequests = 400;

/** Whether backups starve the API. */
export const twoAtOnce: Bench = {
  name: 'twoAtOnce',
  question:
    'How long do requests to the API take while two environments are backed up at once, beside an idle Holdfast?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const holdfast = await BenchHoldfast.start();
    try {
      const media = path.join(folder, 'media');
      makeMediaTree(media, sized(10_000), 19, sized(2_000_000_000));
      const { graphql, token } = await holdfast.holdfast.ready();
      const asked: Asked = {
        url: graphql,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ projects(first: 20) { nodes { id name slug } } }' }),
      };
      const measured = { busy: [] as number[][], idle: [] as number[][] };
      for (let round = 0; round <= rounds; round += 1) {
        const idle = await latencies(asked, idleRequests);
        const busy = await duringTwo(holdfast, media, asked);
        await holdfast.emptyStorage();
        if (round === 0) continue;
        measured.idle.push(idle);
        measured.busy.push(busy);
        say(`round ${round}: ${busy.length} requests meanwhile, p95 ${percentile(busy, 0.95).toFixed(1)} ms`);
      }
      const row = (what: string, of: (taken: number[]) => number) =>
        compared(what, 'ms', { ours: measured.busy.map(of), peer: measured.idle.map(of) });
      return {
        rounds,
        rows: [row('p95', (taken) => percentile(taken, 0.95)), row('median', median)],
        notes: ['“Peer” is the same Holdfast while it has nothing to do. Requests come one after the other.'],
      };
    } finally {
      await holdfast.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Milliseconds of the requests that were answered while two first backups ran. */
async function duringTwo(holdfast: BenchHoldfast, directory: string, asked: Asked): Promise<number[]> {
  const environments = [
    await holdfast.environment({ media: { directory } }),
    await holdfast.environment({ media: { directory } }),
  ];
  const over = new AbortController();
  const backups = Promise.all(environments.map((each) => holdfast.backUp(each, ['MEDIA']))).finally(() =>
    over.abort(),
  );
  backups.catch(() => undefined);
  const taken: number[] = [];
  while (!over.signal.aborted) taken.push(...(await latencies(asked, batch)));
  await backups;
  return taken;
}
