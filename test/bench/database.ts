import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pidOf } from '../support/processes.js';
import { makeUsualDatabase, type BenchDatabase } from './benchDatabase.js';
import type { Bench } from './bench.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { cpuSeconds, timed } from './processFacts.js';
import { byTurns, compared } from './rounds.js';

const rounds = 5;

/** A backup of a database against the dumps that people make by hand. */
export const database: Bench = {
  name: 'database',
  question:
    'How long does a backup of a 1.1 GB database take, from the request to SUCCEEDED, beside `pg_dump -Fc`, and beside a dump to nowhere?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const source = await makeUsualDatabase();
    say(`filled a database of ${Math.round(source.bytes / 1e6)} MB`);
    const stock = await BenchHoldfast.start({ HOLDFAST_DUMP_ACCELERATOR: 'off' });
    const quick = await BenchHoldfast.start();
    try {
      const file = path.join(folder, 'bench.dump');
      const [byStock, byQuick] = [await backingUp(stock, source), await backingUp(quick, source)];
      const dumped = byHand(source, `-f ${file}`);
      const nowhere = byHand(source, '-Z0');
      const times = await byTurns(
        rounds,
        { stock: byStock.run, quick: byQuick.run, dumped: dumped.run, nowhere: nowhere.run },
        say,
      );
      const byDefault = (await stat(file)).size;
      const sizes = (ours: number) => ({ ours: [ours / 1e6], peer: [byDefault / 1e6] });
      const { stock: slow, quick: fast, dumped: peer, nowhere: limit } = times;
      return {
        rounds,
        rows: [
          compared('with the accelerator, beside pg_dump -Fc', 's', { ours: fast, peer }, 'at most 0.40'),
          compared('without, beside pg_dump -Fc', 's', { ours: slow, peer }, 'at most 0.60'),
          compared(
            'with, beside pg_dump -Fc -Z0 to nowhere',
            's',
            { ours: fast, peer: limit },
            'at most 1.15',
          ),
          compared('size with the accelerator', 'MB', sizes(byQuick.size()), 'at most 1.00'),
          compared('size without', 'MB', sizes(byStock.size()), 'at most 1.10'),
          compared('client CPU with', 's', { ours: byQuick.cpu.slice(1), peer: dumped.cpu.slice(1) }),
          compared('client CPU without', 's', { ours: byStock.cpu.slice(1), peer: dumped.cpu.slice(1) }),
        ],
        notes: [
          'Holdfast’s backup is read through by pg_restore while it is made: every row is counted and hashed.',
          'Client CPU is that of the worker and of the programs that it runs; the server’s is left out.',
        ],
      };
    } finally {
      await Promise.all([stock.stop(), quick.stop()]);
      await source.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Measured {
  run: () => Promise<number>;
  cpu: number[];
}

async function backingUp(
  bench: BenchHoldfast,
  { url }: BenchDatabase,
): Promise<Measured & { size: () => number }> {
  const environment = await bench.environment({ databaseUrl: url });
  const worker = await pidOf(bench.holdfast, 'worker');
  const cpu: number[] = [];
  let size = 0;
  const run = async () => {
    const before = await cpuSeconds(worker);
    const { seconds, backup } = await bench.backUp(environment, ['DATABASE']);
    cpu.push((await cpuSeconds(worker)) - before);
    size = backup.parts[0]?.size ?? 0;
    await bench.emptyStorage();
    return seconds;
  };
  return { run, cpu, size: () => size };
}

function byHand({ bin, env }: BenchDatabase, options: string): Measured {
  const cpu: number[] = [];
  const run = async () => {
    const taken = await timed(`"$1" -Fc ${options}`, [path.join(bin, 'pg_dump')], env);
    cpu.push(taken.cpu);
    return taken.seconds;
  };
  return { run, cpu };
}
