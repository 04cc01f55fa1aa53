import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { systemCode } from '../../systemCode.js';
import { withConnection } from '../connect.js';

const lookEveryMs = 250;

/**
 * What became of a transaction of the address’s role, by its number as `txid_current` counts. One that is still under way is
 * waited for, or ended first where `end` says so. `unknown` where the server has no record of it any more.
 */
export async function becameOf(
  address: DatabaseAddress,
  transaction: string,
  signal: AbortSignal,
  { end = false }: { end?: boolean } = {},
): Promise<'committed' | 'aborted' | 'unknown'> {
  return withConnection(address, { applicationName: 'holdfast look', signal }, async (client) => {
    for (;;) {
      const status = await statusOf(client, transaction);
      if (status !== 'in progress') return status ?? 'unknown';
      // Its session is asked for each time: a transaction changes no hands.
      if (end) await endSessionIn(client, transaction);
      await sleep(lookEveryMs, undefined, { signal });
    }
  });
}

type Status = 'committed' | 'aborted' | 'in progress' | null;

async function statusOf(client: Client, transaction: string): Promise<Status> {
  const asked = client.query<{ status: Status }>('select txid_status($1) as status', [transaction]);
  const { rows } = await asked.catch((error: unknown) => {
    // A number that is still to come belongs to another server.
    if (systemCode(error) === '22023') return { rows: [] };
    throw error;
  });
  return rows[0]?.status ?? null;
}

/** The server’s list has the number without its epoch: what comes round again is not of this role and under way. */
async function endSessionIn(client: Client, transaction: string): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = current_user and datname = current_database() and backend_xid::text::bigint = $1::bigint & 4294967295`,
    [transaction],
  );
}
