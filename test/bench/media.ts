import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deduplicating, quietDisk, tar, type Archiver } from './archivers.js';
import type { Bench, BenchRow } from './bench.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { changeFiles, makeMediaTree, readTree, walkSeconds, type MediaTree } from './mediaTree.js';
import { alone, byTurns, compared } from './rounds.js';
import { sized } from './sized.js';

const rounds = 5;
const small = sized(10_000);
const changed = Math.max(1, Math.round(small / 100));
const peersNote = 'restic encrypts, and is Debian’s; borg runs without encryption and compression.';

/** The first backup of much media. */
export const mediaFirst: Bench = {
  name: 'mediaFirst',
  question:
    'How long does the first backup of 2 GB in 10,000 files take, beside `tar -cf` to the same disk, restic and borg?',
  run: (say) =>
    withTree(async ({ tree, folder, holdfast }) => {
      const byTar = tar(tree.folder, folder);
      const peers = [byTar, ...deduplicating(tree.folder, folder)];
      const times = await byTurns<string>(
        rounds,
        {
          ours: async () => {
            const environment = await holdfast.environment({ media: { directory: tree.folder } });
            await sameStart(tree);
            const { seconds } = await holdfast.backUp(environment, ['MEDIA']);
            await holdfast.emptyStorage();
            return seconds;
          },
          ...measuresOf(peers, async (peer) => {
            await peer.begin();
            await sameStart(tree);
            return peer.backUp();
          }),
        },
        say,
      );
      const { ours = [] } = times;
      const synced = (times.tar ?? []).map((seconds, round) => seconds + (byTar.syncSeconds[round + 1] ?? 0));
      return {
        rounds,
        rows: [
          compared('beside tar', 's', { ours, peer: times.tar ?? [] }, 'at most 1.6'),
          compared('beside tar and sync', 's', { ours, peer: synced }),
          ...peers.slice(1).map(({ name }) => rowBeside(name, times, 'at most 0.5')),
        ],
        notes: [
          `${told(tree)}; each round in an environment, and a repository, without any backup.`,
          peersNote,
        ],
      };
    }),
};

/** Nobody waits for the disk for another’s sake, and the files are in memory for all. */
async function sameStart(tree: MediaTree): Promise<void> {
  await quietDisk();
  readTree(tree);
}

/** The next backup of media of which nothing has changed. */
export const mediaUnchanged: Bench = {
  name: 'mediaUnchanged',
  question: 'How long does a second backup of the same unchanged 2 GB take, and what does it add to storage?',
  run: (say) =>
    withTree(async ({ tree, folder, holdfast }) => {
      const peers = deduplicating(tree.folder, folder);
      const environment = await firstOf(holdfast, tree, peers);
      const added: number[] = [];
      const times = await byTurns<string>(
        rounds,
        {
          ours: async () => {
            const before = await holdfast.storedBytes();
            const { seconds } = await holdfast.backUp(environment, ['MEDIA']);
            added.push((((await holdfast.storedBytes()) - before) / tree.bytes) * 100);
            return seconds;
          },
          walk: async () => walkSeconds(tree),
          ...measuresOf(peers, (peer) => peer.backUp()),
        },
        say,
      );
      const { ours = [], walk = [] } = times;
      const above = ours.map((seconds, round) => seconds - (walk[round] ?? 0));
      return {
        rounds,
        rows: [
          ...peers.map(({ name }) => rowBeside(name, times, name === 'restic' ? 'at most 0.25' : null)),
          alone('the whole job above a walk', 's', above, 'at most 0.5'),
          alone('added to storage, of the source', '%', added, 'under 0.1'),
        ],
        notes: [`${told(tree)}; ours from the request to SUCCEEDED.`, peersNote],
      };
    }),
};

/** The next backup of media of which a little has changed. */
export const mediaChanged: Bench = {
  name: 'mediaChanged',
  question:
    'How long does a backup take once 1 % of the files have new content, and what does it add to storage?',
  run: (say) =>
    withTree(async ({ tree, folder, holdfast }) => {
      const peers = deduplicating(tree.folder, folder);
      const environment = await firstOf(holdfast, tree, peers);
      const added: number[] = [];
      let round = 0;
      let bytes = 0;
      const times = await byTurns<string>(
        rounds,
        {
          ours: async () => {
            const before = await holdfast.storedBytes();
            const { seconds } = await holdfast.backUp(environment, ['MEDIA']);
            added.push(((await holdfast.storedBytes()) - before) / bytes);
            return seconds;
          },
          ...measuresOf(peers, (peer) => peer.backUp()),
        },
        say,
        async () => {
          round += 1;
          bytes = changeFiles(tree, small, changed, round);
        },
      );
      return {
        rounds,
        rows: [
          ...peers.map(({ name }) => rowBeside(name, times)),
          alone('added to storage, of the changed bytes', '×', added, 'at most 1.05'),
        ],
        notes: [`${told(tree)}, ${changed} of them with new content before each round.`, peersNote],
      };
    }),
};

interface Scene {
  tree: MediaTree;
  /** For the peers’ archives, on the same disk. */
  folder: string;
  holdfast: BenchHoldfast;
}

async function withTree<Result>(use: (scene: Scene) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
  try {
    const tree = makeMediaTree(path.join(folder, 'media'), small, 19, sized(2_000_000_000));
    const holdfast = await BenchHoldfast.start();
    try {
      return await use({ tree, folder, holdfast });
    } finally {
      await holdfast.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everybody’s first backup; answers with the environment. */
async function firstOf(holdfast: BenchHoldfast, tree: MediaTree, peers: Archiver[]): Promise<string> {
  const environment = await holdfast.environment({ media: { directory: tree.folder } });
  await holdfast.backUp(environment, ['MEDIA']);
  for (const peer of peers) {
    await peer.begin();
    await peer.backUp();
  }
  return environment;
}

type Measures = Record<string, () => Promise<number>>;

function measuresOf(peers: Archiver[], measure: (peer: Archiver) => Promise<number>): Measures {
  return Object.fromEntries(peers.map((peer) => [peer.name, () => measure(peer)]));
}

function rowBeside(name: string, times: Record<string, number[]>, aim: string | null = null): BenchRow {
  return compared(`beside ${name}`, 's', { ours: times.ours ?? [], peer: times[name] ?? [] }, aim);
}

function told({ files, bytes }: MediaTree): string {
  return `${files.toLocaleString('en')} files of ${Math.round(bytes / 1e6).toLocaleString('en')} MB together`;
}
