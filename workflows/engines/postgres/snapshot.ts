import type { Client } from 'pg';

/** A state of the database that other sessions can read. */
export interface Snapshot {
  /** Null where the server cannot share it. */
  id: string | null;
  /** By the server's clock. */
  takenAt: Date;
}

/**
 * Holds the database's present state for as long as the connection's transaction lasts, so that the instant of the
 * backup is known; locks no table.
 */
export async function takeSnapshot(client: Client): Promise<Snapshot> {
  await client.query('begin isolation level repeatable read read only');
  try {
    const { rows } = await client.query<{ id: string; now: string }>(
      'select pg_export_snapshot() as id, extract(epoch from clock_timestamp())::text as now',
    );
    return { id: rows[0]?.id ?? null, takenAt: toDate(rows[0]?.now) };
  } catch {
    await client.query('rollback');
    const { rows } = await client.query<{ now: string }>(
      'select extract(epoch from clock_timestamp())::text as now',
    );
    return { id: null, takenAt: toDate(rows[0]?.now) };
  }
}

function toDate(epochSeconds: string | undefined): Date {
  return new Date(Math.floor(Number(epochSeconds) * 1000));
}
