import { escapeIdentifier, type Client } from 'pg';
import type { InspectedDatabase, InspectedTable } from './inspect.js';

/** A table that is a smaller share of the database than this cannot mislead the progress by more. */
const worthwhileShare = 0.02;
const sampledPages = 150;
const budgetMs = 10_000;

/**
 * Replaces the estimates of the largest tables, where statistics may be stale or missing, by what a look at some
 * 150 of their pages says. Takes at most 10 s; what cannot be looked at keeps its old estimate.
 */
export async function estimateRows(client: Client, database: InspectedDatabase): Promise<InspectedTable[]> {
  const deadline = Date.now() + budgetMs;
  const estimated: InspectedTable[] = [];
  await client.query(`set lock_timeout = '500ms'; set statement_timeout = '3s'`);
  try {
    for (const table of database.tables) {
      const worthwhile = table.bytes > database.totalBytes * worthwhileShare && table.bytes > 1_000_000;
      const sampled = worthwhile && Date.now() < deadline ? await sample(client, table) : null;
      estimated.push({ ...table, estimatedRows: sampled ?? table.estimatedRows });
    }
  } finally {
    await client.query('set lock_timeout = 0; set statement_timeout = 0').catch(() => undefined);
  }
  return estimated;
}

async function sample(client: Client, { schema, name, pages }: InspectedTable): Promise<number | null> {
  const percent = Math.min(100, (100 * sampledPages) / Math.max(1, pages));
  try {
    const { rows } = await client.query<{ rows: string; pages: string }>(
      `select count(*) as rows, count(distinct (ctid::text::point)[0]) as pages
       from only ${escapeIdentifier(schema)}.${escapeIdentifier(name)} tablesample system (${percent})`,
    );
    const [seen] = rows;
    return seen && Number(seen.pages) > 0 ? (Number(seen.rows) / Number(seen.pages)) * pages : null;
  } catch {
    return null;
  }
}
