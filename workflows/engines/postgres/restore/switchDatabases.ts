import { escapeIdentifier, type Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { databaseInWords } from '../problem.js';
import { endSessionsOf, sessionsInWords, type Session } from './databases.js';
import { withMaintenance } from './maintenance.js';
import { endEarlier, switchSessionOf } from './switchSessions.js';

/** Which database takes the place of which. */
export interface SwitchOrder {
  /** Of the server, by the environment’s own role. */
  address: DatabaseAddress;
  /** The name that changes hands. */
  live: string;
  /** The name of what takes it. */
  staged: string;
  /** The name that what is replaced gets. */
  old: string;
  /** Of the database that has the live name; null: there was none. */
  liveOid: string | null;
  stagedOid: string;
  /** Asked once connected and right before each try: throws where somebody else does this by now. */
  mayAct?: () => Promise<void>;
  signal: AbortSignal;
}

const tries = 5;
const endEveryMs = 100;

/**
 * Ends the sessions of both databases and renames them in one transaction: afterwards the staged one has the live
 * name, or nothing has changed. `already` where it had it. With the names the other way round it switches back.
 */
export async function switchDatabases(order: SwitchOrder): Promise<'switched' | 'already'> {
  const { address, live, staged, old, signal } = order;
  const applicationName = switchSessionOf(live);
  const connection = { applicationName, signal, except: [live, staged, old] };
  let tried = false;
  let lastError: unknown;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    try {
      return await withMaintenance(address, connection, async (client) => {
        // In this order: whoever comes after us ends this very session, and whoever came before is heard of here.
        await endEarlier(client, applicationName);
        await order.mayAct?.();
        // Also after a commit whose answer was lost: the OIDs tell.
        if ((await standing(client, order)) === 'switched') return tried ? 'switched' : 'already';
        tried = true;
        await renameBoth(client, order);
        return 'switched';
      });
    } catch (error: unknown) {
      lastError = error;
      if (signal.aborted || !mayPass(error)) throw error;
    }
  }
  throw lastError;
}

/** Locked names, and names that changed because the commit of a cut-off try still came through. */
const passingStates: ReadonlySet<string | null> = new Set(['55P03', '3D000', '42P04']);

/** That somebody was connected, that the names were moving, or that the answer was lost. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof StepProblem &&
    (error instanceof InUse ||
      error.code === 'DATABASE_UNREACHABLE' ||
      passingStates.has(systemCode(error.cause)))
  );
}

class InUse extends StepProblem {}

/** Which database has which name now; throws where it is neither before the switch nor after it. */
async function standing(client: Client, order: SwitchOrder): Promise<'before' | 'switched'> {
  const { live, staged, old, liveOid, stagedOid } = order;
  const { rows } = await client.query<{ name: string; oid: string }>(
    'select datname as name, oid::text from pg_database where datname = any ($1)',
    [[live, staged, old]],
  );
  const oids = new Map(rows.map(({ name, oid }) => [name, oid]));
  const [liveNow, stagedNow] = [oids.get(live) ?? null, oids.get(staged) ?? null];
  if (liveNow === stagedOid) return 'switched';
  if (liveNow !== liveOid)
    throw inBetween(
      order,
      liveNow === null ? 'has gone' : 'is another one than before: one has come in between',
    );
  if (stagedNow !== stagedOid) throw inBetween(order, `cannot be replaced: “${staged}” is no longer there`);
  if (liveOid !== null && oids.has(old))
    throw inBetween(order, `cannot be replaced: there is a database “${old}” already`);
  return 'before';
}

function inBetween({ address, live }: SwitchOrder, what: string): StepProblem {
  return new StepProblem(
    'DATABASE_RESTORE_FAILED',
    `The database ${databaseInWords({ ...address, database: live })} ${what}`,
    { remedy: 'Look which databases the server has, then restore again.' },
  );
}

async function renameBoth(client: Client, order: SwitchOrder): Promise<void> {
  const { address, live, staged, old, liveOid, stagedOid, signal } = order;
  const oids = liveOid === null ? [stagedOid] : [liveOid, stagedOid];
  const ending = new AbortController();
  const endSignal = AbortSignal.any([signal, ending.signal]);
  await requireEndable(client, order, oids, await endSessionsOf(client, oids));
  // Clients that connected just before the rename took its lock are ended while it waits for them.
  const enders = withMaintenance(
    address,
    { applicationName: 'holdfast switch', signal: endSignal, except: [live, staged, old] },
    (ender) => keepEnding(ender, oids, endSignal),
  ).catch(() => undefined);
  try {
    await client.query('begin');
    await client.query(`set local lock_timeout = '5s'`);
    if (liveOid !== null)
      await client.query(`alter database ${escapeIdentifier(live)} rename to ${escapeIdentifier(old)}`);
    await client.query(`alter database ${escapeIdentifier(staged)} rename to ${escapeIdentifier(live)}`);
    // The names were looked up before the locks: only now is it sure whose they are.
    await requireRight(client, order);
    await client.query('commit');
  } catch (error: unknown) {
    if (systemCode(error) !== '55006') throw error;
    throw await inUse(client, order, oids, error);
  } finally {
    ending.abort();
    await enders;
  }
}

async function requireRight(client: Client, order: SwitchOrder): Promise<void> {
  const { rows } = await client.query<{ name: string; oid: string }>(
    'select datname as name, oid::text from pg_database where oid = any ($1::oid[])',
    [[order.stagedOid, order.liveOid].filter((oid) => oid !== null)],
  );
  const names = new Map(rows.map(({ name, oid }) => [oid, name]));
  const oldRight = order.liveOid === null || names.get(order.liveOid) === order.old;
  if (names.get(order.stagedOid) !== order.live || !oldRight)
    throw inBetween(order, 'is another one than before: one has come in between');
}

async function keepEnding(client: Client, oids: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await endSessionsOf(client, oids);
    await new Promise((resolve) => setTimeout(resolve, endEveryMs));
  }
}

/** What no waiting helps against. */
async function requireEndable(
  client: Client,
  order: SwitchOrder,
  oids: readonly string[],
  staying: readonly Session[],
): Promise<void> {
  const { rows } = await client.query<{ gid: string }>(
    `select gid from pg_prepared_xacts
     where database in (select datname from pg_database where oid = any ($1::oid[]))`,
    [oids],
  );
  const live = databaseInWords({ ...order.address, database: order.live });
  const [prepared] = rows;
  if (prepared)
    throw new StepProblem(
      'DATABASE_LOCKED',
      `The database ${live} cannot be replaced while it has the prepared transaction “${prepared.gid}”`,
      { remedy: 'Commit or roll back the prepared transaction, then retry.' },
    );
  if (staying.length > 0)
    throw new StepProblem(
      'DATABASE_LOCKED',
      `The database ${live} cannot be replaced while ${sessionsInWords(staying)} is connected, which “${order.address.user}” may not end`,
      { remedy: 'End what is named, or grant the environment’s role “pg_signal_backend”, then retry.' },
    );
}

/** Names what still holds the databases. */
async function inUse(
  client: Client,
  order: SwitchOrder,
  oids: readonly string[],
  cause: unknown,
): Promise<InUse> {
  await client.query('rollback').catch(() => undefined);
  const staying = await endSessionsOf(client, oids).catch(() => []);
  const holders = staying.length > 0 ? sessionsInWords(staying) : 'clients that keep connecting';
  return new InUse(
    'DATABASE_LOCKED',
    `The database ${databaseInWords({ ...order.address, database: order.live })} stays in use by ${holders}`,
    { cause },
  );
}
