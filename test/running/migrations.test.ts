import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { migrateCatalogue } from '#schema/catalogue';
import { openCatalogue } from '../support/people.js';
import { sharedHoldfast } from '../support/shared.js';

let source: DataSource;
let data: string;

beforeAll(async () => {
  ({ data } = await sharedHoldfast());
  source = await openCatalogue(data);
});
afterAll(() => source.destroy());

test('the migrated catalogue is exactly what the entities say', async () => {
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

test('migrating again changes nothing, also twice at once', async () => {
  const url = (source.options as { url?: string }).url ?? '';
  await Promise.all([migrateCatalogue(url), migrateCatalogue(url)]);
  expect(
    await source.query(
      'SELECT name, count(*)::int AS times FROM holdfast_migrations GROUP BY name ORDER BY min(id)',
    ),
  ).toEqual(source.migrations.map(({ name }) => ({ name, times: 1 })));
});

test('no secret stands readable in the catalogue, the logs or Temporal', async () => {
  const { token } = JSON.parse(await readFile(`${data}/ready.json`, 'utf8')) as { token: string };
  const secrets = [token, (await readFile(`${data}/secrets/demo-live-password`, 'utf8')).trim()];
  const rows: unknown = await source.query(
    `SELECT (SELECT json_agg(e) FROM environments e)::text || (SELECT json_agg(t) FROM api_tokens t)::text AS all`,
  );
  const places = [JSON.stringify(rows)];
  for (const log of ['server', 'worker', 'temporal', 'postgres']) {
    places.push(await readFile(`${data}/logs/${log}.log`, 'utf8'));
  }
  places.push((await readFile(`${data}/temporal/temporal.db`)).toString('latin1'));
  for (const secret of secrets) expect(places.filter((place) => place.includes(secret))).toEqual([]);
});
