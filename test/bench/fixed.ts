import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Databases } from '../support/databases.js';
import type { Bench } from './bench.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { alone, byTurns } from './rounds.js';
import { sized } from './sized.js';

const rounds = 7;
const files = sized(10_000);
const perFolder = 500;

/** What a backup costs before there is anything to back up. */
export const fixed: Bench = {
  name: 'fixed',
  question:
    'How long does a backup of an empty environment take, from the request to SUCCEEDED, and what does each file add?',
  run: async (say) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-bench-'));
    const holdfast = await BenchHoldfast.start();
    try {
      const [none, many] = [path.join(folder, 'none'), path.join(folder, 'many')];
      mkdirSync(none);
      makeTinyFiles(many);
      const databases = await Databases.of(holdfast.holdfast.data);
      const { url: databaseUrl } = await databases.make('bench_empty', 0);
      const empty = await holdfast.environment({ databaseUrl, media: { directory: none } });
      const contents = ['DATABASE', 'MEDIA'];
      const unchanged = await holdfast.environment({ databaseUrl, media: { directory: many } });
      const times = await byTurns(
        rounds,
        {
          empty: async () => (await holdfast.backUp(empty, contents)).seconds,
          first: async () => {
            const fresh = await holdfast.environment({ databaseUrl, media: { directory: many } });
            return (await holdfast.backUp(fresh, contents)).seconds;
          },
          again: async () => (await holdfast.backUp(unchanged, contents)).seconds,
        },
        say,
      );
      const perFile = (seconds: number[]) =>
        seconds.map((each, round) => ((each - (times.empty[round] ?? 0)) / files) * 1e6);
      return {
        rounds,
        rows: [
          alone('an empty database and an empty folder', 's', times.empty, 'under 1.5'),
          alone('each new file of a few bytes', 'µs', perFile(times.first)),
          alone('each unchanged file', 'µs', perFile(times.again)),
        ],
        notes: [`Per file: ${files.toLocaleString('en')} files in folders of ${perFolder}.`],
      };
    } finally {
      await holdfast.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function makeTinyFiles(folder: string): void {
  for (let index = 0; index < files; index += 1) {
    const inner = path.join(folder, String(Math.floor(index / perFolder)));
    if (index % perFolder === 0) mkdirSync(inner, { recursive: true });
    writeFileSync(path.join(inner, `${index}.txt`), `${index}\n`);
  }
}
