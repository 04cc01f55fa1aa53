import 'reflect-metadata';
import os from 'node:os';
import { backup } from './backup.js';
import type { Bench, BenchResult } from './bench.js';
import { database } from './database.js';
import { download } from './download.js';
import { fixed } from './fixed.js';
import { depth, list } from './list.js';
import { liveProgress } from './liveProgress.js';
import { mediaChanged, mediaFirst, mediaUnchanged } from './media.js';
import { memory } from './memory.js';
import { brief } from './rounds.js';
import { restoreDatabase, restoreMedia } from './restore.js';
import { restorePhases } from './restorePhases.js';
import { s3 } from './s3.js';
import { subscribers } from './subscribers.js';
import { twoAtOnce } from './twoAtOnce.js';

const benches: Bench[] = [
  backup,
  database,
  mediaFirst,
  mediaUnchanged,
  mediaChanged,
  s3,
  fixed,
  memory,
  twoAtOnce,
  restoreDatabase,
  restorePhases,
  restoreMedia,
  download,
  list,
  depth,
  subscribers,
  liveProgress,
];

/** Runs all benches, or those named, and prints their tables; answers with the exit code. */
export async function runBenches(names: string[]): Promise<number> {
  const unknown = names.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) {
    const known = benches.map(({ name }) => name).join(', ');
    process.stderr.write(`There is no bench “${unknown}”: choose from ${known}.\n`);
    return 2;
  }
  const chosen = names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
  process.stdout.write(`${machine()}\n`);
  for (const bench of chosen) {
    process.stdout.write(`\n## ${bench.name}\n\n${bench.question}\n\n`);
    const result = await bench.run((line) => process.stdout.write(`  ${line}\n`));
    process.stdout.write(`\n${table(result)}\n`);
  }
  return 0;
}

function machine(): string {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  const load = os.loadavg()[0]?.toFixed(1) ?? '?';
  return `${os.cpus().length} × ${cpu?.model ?? 'CPU'}, ${memory} GiB, Node ${process.versions.node}, load at the start ${load}`;
}

function table({ rows, rounds, notes }: BenchResult): string {
  const lines = [
    `| What (median of ${rounds}) | Holdfast | Peer | Unit | Ratio | Aim |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ what, ours, peer, unit, ratio, aim }) =>
        `| ${what} | ${brief(ours)} | ${brief(peer)} | ${unit} | ${brief(ratio)} | ${aim ?? '–'} |`,
    ),
  ];
  return [...lines, '', ...notes.map((note) => `- ${note}`)].join('\n');
}
