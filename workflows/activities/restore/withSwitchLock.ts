import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { secondsInWords } from '#schema/domain';
import { StepProblem } from '../../engines/stepProblem.js';

/** The right to switch at a destination, or to settle what was switched there: one holds it at a time. */
export interface SwitchLock {
  /** Aborts once it is lost: the catalogue does not answer any more, and may have given it to somebody else. */
  signal: AbortSignal;
  /** Throws where it is lost; to be asked right before what another could not take back. */
  requireHeld: () => Promise<void>;
}

const tryEveryMs = 500;
const askEveryMs = 2_000;
const answerWithinMs = 5_000;

/**
 * Runs `work` while nobody else works at the destination. The right is a session’s in the catalogue: a worker that dies loses
 * it, one that is stopped in the middle keeps it, so that it finds all as it left it when it goes on. Throws STALLED where
 * it could not be had within `waitMs`.
 */
export async function withSwitchLock<Result>(
  catalogue: DataSource,
  environmentId: string,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
  work: (lock: SwitchLock) => Promise<Result>,
): Promise<Result> {
  const client = await connect(catalogue);
  const lost = new AbortController();
  const lose = (error?: unknown) => lost.abort(lostProblem(error));
  client.on('error', lose);
  client.on('end', () => lose());
  const ask = async () => {
    lost.signal.throwIfAborted();
    const late = new AbortController();
    const inTime = sleep(answerWithinMs, undefined, { signal: late.signal }).then(() => {
      throw lostProblem('no answer');
    });
    await Promise.race([client.query('SELECT'), inTime]).catch(lose);
    late.abort();
    inTime.catch(() => undefined);
    lost.signal.throwIfAborted();
  };
  let asking: NodeJS.Timeout | undefined;
  try {
    await take(client, environmentId, waitMs, AbortSignal.any([signal, lost.signal]));
    asking = setInterval(() => void ask().catch(() => undefined), askEveryMs);
    return await work({ signal: lost.signal, requireHeld: ask });
  } finally {
    clearInterval(asking);
    await leave(client);
  }
}

/** Of its own, beside the pool: it must end with whoever holds the lock, and with nothing else. */
async function connect({ options }: DataSource): Promise<Client> {
  const client = new Client({
    connectionString: 'url' in options ? options.url : undefined,
    application_name: 'holdfast switch lock',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A machine that has vanished keeps it for half a minute.
    options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4',
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function take(
  client: Client,
  environmentId: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await client.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 2)) AS mine',
      [environmentId],
    );
    if (rows[0]?.mine) return;
    if (performance.now() >= until) throw heldProblem(waitMs);
    await sleep(tryEveryMs, undefined, { signal });
  }
}

/** With the session the lock goes, whatever state it is in. */
async function leave(client: Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, sleep(1_000)]);
  client.connection.stream.destroy();
}

function heldProblem(waitMs: number): StepProblem {
  return new StepProblem(
    'STALLED',
    `Another attempt is still in the middle of a switch of this destination and did not end within ${secondsInWords(waitMs / 1000)}`,
    { remedy: 'Look for a worker that was stopped or hangs: let it go on, or end it; then retry.' },
  );
}

function lostProblem(cause: unknown): StepProblem {
  return new StepProblem('INTERNAL', 'The catalogue was lost in the middle of a switch', { cause });
}
