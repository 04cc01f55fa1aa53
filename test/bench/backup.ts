import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPostgresTools } from '../../workflows/engines/postgres/tools.js';
import { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { startHoldfast } from '../support/holdfast.js';
import type { Bench } from './bench.js';
import { compared, interleaved } from './rounds.js';

const run = promisify(execFile);
const rounds = 7;

/** A whole backup of the demo against the two commands that people type. */
export const backup: Bench = {
  name: 'backup',
  question:
    'How long does a backup of the demo’s Live environment take, from the request to SUCCEEDED, beside `pg_dump -Fc` and `tar` by hand?',
  run: async (say) => {
    const holdfast = await startHoldfast();
    const byHand = await mkdtemp(path.join(os.tmpdir(), 'holdfast-by-hand-'));
    try {
      const { graphql, token } = await holdfast.ready();
      const api = new Api(graphql, token);
      const live = await api.environmentId('shop', 'live');
      const dump = await dumpByHand(holdfast.data, path.join(byHand, 'live.dump'));
      const media = path.join(holdfast.data, 'demo/live/media');
      const ours = async () => {
        const begun = performance.now();
        const pushed = await api.follow(await api.createBackup(live, ['DATABASE', 'MEDIA']));
        if (pushed.at(-1)?.status !== 'SUCCEEDED') throw new Error(JSON.stringify(pushed.at(-1)));
        return (performance.now() - begun) / 1000;
      };
      const peer = async () => {
        const begun = performance.now();
        await dump();
        await run('tar', ['-cf', path.join(byHand, 'media.tar'), '-C', media, '.']);
        await run('sync', [path.join(byHand, 'live.dump'), path.join(byHand, 'media.tar')]);
        return (performance.now() - begun) / 1000;
      };
      const times = await interleaved(rounds, ours, peer, say);
      return {
        rounds,
        rows: [compared('backup of database and media', 's', times)],
        notes: [
          'By hand nothing is hashed, read back, counted, recorded or resumable; files are synced to disk as Holdfast does.',
          'Holdfast’s first backup stands in the round that is thrown away.',
        ],
      };
    } finally {
      await rm(byHand, { recursive: true, force: true });
      await holdfast.stop();
    }
  },
};

async function dumpByHand(data: string, file: string): Promise<() => Promise<unknown>> {
  const databases = await Databases.of(data);
  const tools = await findPostgresTools([]);
  const password = (await readFile(path.join(data, 'secrets/demo-live-password'), 'utf8')).trim();
  const [server] = await databases.catalogue<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  const { pgDump } = tools.forMajor(server?.major ?? 0);
  const env = { ...process.env, PGPASSWORD: password };
  const address = ['-h', '127.0.0.1', '-p', String(databases.port), '-U', 'shop_live', '-d', 'shop_live'];
  return () => run(pgDump, ['-Fc', '-f', file, ...address], { env });
}
