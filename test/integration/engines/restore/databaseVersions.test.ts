import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stageDatabase } from '../../../../workflows/engines/postgres/restore/stageDatabase.js';
import { findPostgresTools } from '../../../../workflows/engines/postgres/tools.js';
import { startPostgres } from '../postgresServer.js';
import { contentOf, dump, makeDatabase, stageOrder, type RestoreBench } from './databaseRestoreBench.js';
import { databaseZoo } from './databaseZoo.js';

/** Folders of the programs of PostgreSQL versions, often of one only: those in HOLDFAST_TEST_PG_BINDIRS and the system’s. */
const bindirs = (process.env.HOLDFAST_TEST_PG_BINDIRS ?? '').split(':').filter(Boolean);
const tools = await findPostgresTools(bindirs);
const versions = tools.found
  .filter((each, index) => tools.found.findIndex(({ major }) => major === each.major) === index)
  .sort((a, b) => a.major - b.major);
const pairs = versions.flatMap((source) => versions.map((destination) => ({ source, destination })));

/** Servers that are built alone have none of the extensions: what they offer is spelled otherwise. */
const plainZoo = databaseZoo
  .replace(/^create extension .*$/m, '')
  .replace('mail citext', 'mail text')
  .replace('attributes hstore', 'attributes text')
  .replace(`hstore('k', i::text)`, 'i::text')
  .replace(/^create index customer_mail_trgm .*$/m, '');

describe('a dump restored on a server of each version that is installed', () => {
  const benches = new Map<number, RestoreBench>();
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-versions-'));
    const before = process.env.HOLDFAST_TEST_PG_BINDIRS;
    for (const { major, pgDump } of versions) {
      process.env.HOLDFAST_TEST_PG_BINDIRS = dirname(pgDump);
      const server = await startPostgres();
      benches.set(major, { server, tools, directory });
      await server.query(`create role app login createdb password 'of an ordinary role';
        create role reader; create role keeper; grant keeper to app`);
    }
    process.env.HOLDFAST_TEST_PG_BINDIRS = before ?? '';
  }, 120_000);
  afterAll(async () => {
    for (const { server, directory } of benches.values()) {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  test.each(pairs)(
    '$source.major to $destination.major',
    { timeout: 300_000 },
    async ({ source, destination }) => {
      const [from, to] = [benches.get(source.major), benches.get(destination.major)];
      if (!from || !to) throw new Error('A server did not start');
      await makeDatabase(from, 'zoo', { sql: plainZoo });
      const directory = await mkdtemp(join(from.directory, 'dump-'));
      const made = await dump({ ...from, directory }, 'zoo');
      const order = stageOrder(to, 'zoo_elsewhere', made);
      if (source.major > destination.major) {
        await expect(stageDatabase(order)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
        return;
      }
      const staged = await stageDatabase(order);
      // Both as the newer version’s pg_dump reads them.
      const before = contentOf({ ...from, server: { ...from.server, bin: to.server.bin } }, 'zoo');
      const after = contentOf(to, staged.name);
      // Servers before 16 name the table of each column of a view.
      const spelledAlike = (schema: string) =>
        schema.replace(/\b(?:serials|second_view)\.(?=(?:id|note|n)\b)/g, '');
      expect(spelledAlike(after.schema)).toBe(spelledAlike(before.schema));
      expect(after.data).toBe(before.data);
    },
  );
});
