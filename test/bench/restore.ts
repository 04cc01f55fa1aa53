import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pidOf } from '../support/processes.js';
import { Restores } from '../support/restores.js';
import { until } from '../support/until.js';
import { quietDisk } from './archivers.js';
import type { Bench } from './bench.js';
import { makeUsualDatabase } from './benchDatabase.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { makeMediaTree } from './mediaTree.js';
import { restoreByHand } from './restoreByHand.js';
import { forgetPeak, memoryOf, timed } from './processFacts.js';
import { alone, byTurns, compared } from './rounds.js';
import { sized } from './sized.js';

const run = promisify(execFile);
const rounds = 5;

/** A restore of a database against pg_restore by hand, into an empty database. */
export const restoreDatabase: Bench = {
  name: 'restoreDatabase',
  question:
    'How long does restoring a 1.1 GB database take, beside `pg_restore` and `pg_restore -j2` by hand?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const source = await makeUsualDatabase();
    const holdfast = await BenchHoldfast.start({ HOLDFAST_UNDO_HOURS: '0' });
    try {
      const environment = await holdfast.environment({ databaseUrl: source.url });
      const { backup } = await holdfast.backUp(environment, ['DATABASE']);
      const file = path.join(folder, 'bench.dump');
      await timed('"$1" -Fc -Z1 -f "$2"', [path.join(source.bin, 'pg_dump'), file], source.env);
      const phases: number[] = [];
      const switches: number[] = [];
      const ours = async () => {
        const measured = await restoreOnce(holdfast, backup.id, environment, 'DATABASE');
        phases.push(measured.staging);
        switches.push(measured.switching);
        return measured.seconds;
      };
      const measures = {
        ours,
        one: restoreByHand(source, file, ''),
        two: restoreByHand(source, file, '-j2'),
      };
      const times = await byTurns(rounds, measures, say);
      const staging = phases.slice(1);
      return {
        rounds,
        rows: [
          compared('restored, compared and analysed, beside pg_restore -j2', 's', {
            ours: staging,
            peer: times.two,
          }),
          compared('the whole job, beside pg_restore -j2', 's', { ours: times.ours, peer: times.two }),
          compared('the whole job, beside pg_restore', 's', { ours: times.ours, peer: times.one }),
          alone('the switch', 's', switches.slice(1), 'under 1'),
        ],
        notes: ['Without a safety backup. By hand nothing is verified, counted, analysed or switched.'],
      };
    } finally {
      await holdfast.stop();
      await source.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** A restore of media against tar by hand. */
export const restoreMedia: Bench = {
  name: 'restoreMedia',
  question:
    'How long does restoring 2 GB of media in 10,000 files take, beside `tar -x`, and how much memory?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const tree = makeMediaTree(path.join(folder, 'media'), sized(10_000), 19, sized(2_000_000_000));
    const holdfast = await BenchHoldfast.start({ HOLDFAST_UNDO_HOURS: '0' });
    try {
      const environment = await holdfast.environment({ media: { directory: tree.folder } });
      const { backup } = await holdfast.backUp(environment, ['MEDIA']);
      const archive = path.join(folder, 'media.tar');
      await run('tar', ['-cf', archive, '-C', tree.folder, '.']);
      const worker = await pidOf(holdfast.holdfast, 'worker');
      const idle = (await memoryOf(worker)).now;
      const peaks: number[] = [];
      const staged: number[] = [];
      const target = path.join(folder, 'extracted');
      const times = await byTurns(
        rounds,
        {
          ours: async () => {
            await forgetPeak(worker);
            await quietDisk();
            const measured = await restoreOnce(holdfast, backup.id, environment, 'MEDIA');
            staged.push(measured.staging);
            peaks.push(((await memoryOf(worker)).peak - idle) / 1024 ** 2);
            return measured.seconds;
          },
          tar: async () => {
            await rm(target, { recursive: true, force: true });
            await mkdir(target);
            await quietDisk();
            return (await timed('tar -xf "$1" -C "$2" && sync -f "$2"', [archive, target], {})).seconds;
          },
        },
        say,
      );
      return {
        rounds,
        rows: [
          compared(
            'staged, beside tar -x and sync',
            's',
            { ours: staged.slice(1), peer: times.tar },
            'at most 1.2',
          ),
          compared('the whole job, beside tar -x and sync', 's', { ours: times.ours, peer: times.tar }),
          alone('memory beyond the idle worker’s', 'MiB', peaks.slice(1), 'under 200'),
        ],
        notes: [
          'Without a safety backup; every file is hashed and compared with the manifest, and on the disk.',
        ],
      };
    } finally {
      await holdfast.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Measured {
  seconds: number;
  /** From the first look at the staging step to that at the switch. */
  staging: number;
  switching: number;
}

async function restoreOnce(
  { api }: BenchHoldfast,
  sourceId: string,
  destinationId: string,
  content: 'DATABASE' | 'MEDIA',
): Promise<Measured> {
  const restores = new Restores(api);
  const begun = performance.now();
  const id = await restores.begin({ sourceId, destinationId, contents: [content], safetyBackup: false });
  let [staging, switching] = [0, 0];
  await until('it is restored', 600_000, async () => {
    const { status, progress } = await restores.look(id);
    if (status === 'FAILED') throw new Error(JSON.stringify(await restores.look(id)));
    if (!staging && progress.phase === content.toLowerCase()) staging = performance.now();
    if (!switching && (progress.phase === 'switch' || status === 'SUCCEEDED')) switching = performance.now();
    return status === 'SUCCEEDED';
  });
  const ended = performance.now();
  return {
    seconds: (ended - begun) / 1000,
    staging: (switching - (staging || begun)) / 1000,
    switching: (ended - switching) / 1000,
  };
}
