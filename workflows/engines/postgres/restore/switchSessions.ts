import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { withMaintenance } from './maintenance.js';

const lookEveryMs = 50;

/** The application name of sessions that switch a database of that name; names of databases may be too long for it. */
export function switchSessionOf(live: string): string {
  return `holdfast switch ${createHash('sha256').update(live).digest('hex').slice(0, 12)}`;
}

/**
 * Ends what an earlier attempt may still have under way at the switch of a database, and waits until it is gone: from then
 * on the names tell how far it came.
 */
export async function endEarlierSwitch(
  address: DatabaseAddress,
  live: string,
  signal: AbortSignal,
): Promise<void> {
  const connection = { applicationName: 'holdfast look', signal, except: [live] };
  await withMaintenance(address, connection, (client) => endEarlier(client, switchSessionOf(live)));
}

/** The same, with a connection that is there; spares this one. */
export async function endEarlier(client: Client, applicationName: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid) as ended from pg_stat_activity
       where application_name = $1 and usename = current_user and pid <> pg_backend_pid()`,
      [applicationName],
    );
    if (rows.length === 0) return;
    await sleep(lookEveryMs);
  }
}
