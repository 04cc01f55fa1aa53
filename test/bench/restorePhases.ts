import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseDatabaseUrl } from '#schema/catalogue';
import {
  stageDatabase,
  type StageOrder,
  type StagePhase,
} from '../../workflows/engines/postgres/restore/stageDatabase.js';
import { findPostgresTools } from '../../workflows/engines/postgres/tools.js';
import type { Bench } from './bench.js';
import { makeUsualDatabase, type BenchDatabase } from './benchDatabase.js';
import { timed } from './processFacts.js';
import { restoreByHand } from './restoreByHand.js';
import { alone, byTurns, compared } from './rounds.js';

const run = promisify(execFile);
const rounds = 5;

/** What the parts of restoring a database take, against pg_restore by hand of the same file. */
export const restorePhases: Bench = {
  name: 'restorePhases',
  question:
    'What does restoring a 1.1 GB database consist of, and does its pg_restore take longer than `pg_restore -j2` of the same file by hand?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const source = await makeUsualDatabase();
    try {
      const file = path.join(folder, 'bench.dump');
      await timed('"$1" -Fc -Z1 -f "$2"', [path.join(source.bin, 'pg_dump'), file], source.env);
      const staging = await stagingOf(source, file);
      const { two, ours } = await byTurns(
        rounds,
        { ours: staging.run, two: restoreByHand(source, file, '-j2') },
        say,
      );
      const of = (phase: StagePhase) => staging.seconds.slice(1).map((each) => each[phase] ?? 0);
      return {
        rounds,
        rows: [
          compared('pg_restore, beside -j2 by hand', 's', { ours: of('load'), peer: two }, 'at most 1.05'),
          compared('all of staging, beside it', 's', { ours, peer: two }),
          alone('a fresh database and looking whether the dump fits', 's', of('prepare')),
          alone('every table counted', 's', of('count')),
          alone('ANALYZE', 's', of('analyse')),
          alone('owners, grants and settings', 's', of('finish')),
        ],
        notes: ['The engine alone, without a job around it; ours and the peer restore one file.'],
      };
    } finally {
      await source.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

type Phases = Partial<Record<StagePhase, number>>;

/** Stages the file again and again, each time into a fresh database that is dropped before the next time. */
async function stagingOf(
  { url, bin, env }: BenchDatabase,
  file: string,
): Promise<{ run: () => Promise<number>; seconds: Phases[] }> {
  const order: Omit<StageOrder, 'onPhase' | 'signal'> = {
    address: parseDatabaseUrl(url),
    tools: await findPostgresTools([bin]),
    file,
    stagedName: 'bench_staged',
    expected: null,
    jobs: 2,
    applicationName: 'holdfast bench',
    onProgress: () => undefined,
  };
  const seconds: Phases[] = [];
  const stageOnce = async () => {
    const drop = ['-q', '-d', 'postgres', '-c', 'drop database if exists bench_staged'];
    await run(path.join(bin, 'psql'), drop, { env: { ...process.env, ...env } });
    const phases: Phases = {};
    const begun = performance.now();
    let last: { phase: StagePhase; at: number } | null = null;
    const onPhase = (phase: StagePhase) => {
      const at = performance.now();
      if (last) phases[last.phase] = (at - last.at) / 1000;
      last = { phase, at };
    };
    await stageDatabase({ ...order, onPhase, signal: new AbortController().signal });
    seconds.push(phases);
    return (performance.now() - begun) / 1000;
  };
  return { run: stageOnce, seconds };
}
