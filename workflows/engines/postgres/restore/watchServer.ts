import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { withConnection } from '../connect.js';

/** What the sessions of a restore are doing. */
export interface ServerWork {
  /** Tables whose rows are being written, with the rows so far. */
  copies: Array<{ schema: string; name: string; rows: number }>;
  /** Whether one of them computes, rather than waits for a lock or for us. */
  isWorking: boolean;
}

const everyMs = 250;
const againAfterMs = 2_000;

/**
 * Tells every 250 ms what the sessions of that application name are doing in the address’s database, until the signal
 * aborts. Best effort: nothing is told while the server does not answer.
 */
export async function watchServer(order: {
  address: DatabaseAddress;
  applicationName: string;
  signal: AbortSignal;
  onWork: (work: ServerWork) => void;
}): Promise<void> {
  const { address, applicationName, signal, onWork } = order;
  while (!signal.aborted) {
    await withConnection(address, { applicationName: 'holdfast watch', signal }, async (client) => {
      for (;;) {
        onWork(await lookAt(client, applicationName));
        await sleep(everyMs, undefined, { signal });
      }
    }).catch(() => undefined);
    await sleep(againAfterMs, undefined, { signal }).catch(() => undefined);
  }
}

async function lookAt(client: Client, applicationName: string): Promise<ServerWork> {
  const { rows: copies } = await client.query<{ schema: string; name: string; rows: string }>(
    `select n.nspname as schema, c.relname as name, p.tuples_processed as rows
     from pg_stat_progress_copy p
     join pg_class c on c.oid = p.relid join pg_namespace n on n.oid = c.relnamespace
     where p.datname = current_database()`,
  );
  const { rows: working } = await client.query<{ working: boolean }>(
    `select exists (select from pg_stat_activity where datname = current_database() and application_name = left($1, 63)
       and state = 'active' and coalesce(wait_event_type, '') not in ('Lock', 'Client')) as working`,
    [applicationName],
  );
  return {
    copies: copies.map((copy) => ({ ...copy, rows: Number(copy.rows) })),
    isWorking: working[0]?.working ?? false,
  };
}
