import type { DatabaseAddress } from '#schema/catalogue';
import { withConnection } from './connect.js';

/**
 * Asks the server to end the sessions of a dump that was given up: a session that waits for a lock does not notice
 * by itself that its client is gone. Best effort.
 */
export async function endSessions(address: DatabaseAddress, applicationName: string): Promise<void> {
  const order = { applicationName: 'holdfast look', signal: AbortSignal.timeout(3_000) };
  await withConnection(address, order, (client) =>
    client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = left($1, 63) and usename = current_user',
      [applicationName],
    ),
  ).catch(() => undefined);
}
