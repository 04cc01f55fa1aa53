import { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { sessionOptions } from './environment.js';
import { databaseProblem } from './problem.js';

const connectTimeoutMs = 10_000;

/** Who connects, for the server's list of sessions, and until when. */
export interface ConnectionOrder {
  applicationName: string;
  signal: AbortSignal;
}

/**
 * Lends a connection for as long as `use` runs. An aborted signal cuts it, so that no query waits for ever; what
 * the database says no to is thrown as a `StepProblem`.
 */
export async function withConnection<T>(
  address: DatabaseAddress,
  order: ConnectionOrder,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    const client = await connect(address, order);
    const cut = () => client.connection.stream.destroy();
    order.signal.addEventListener('abort', cut, { once: true });
    try {
      return await use(client);
    } finally {
      order.signal.removeEventListener('abort', cut);
      closeNow(client);
    }
  } catch (error: unknown) {
    throw order.signal.aborted ? order.signal.reason : databaseProblem(address, error);
  }
}

/** Connects as libpq would: `prefer` takes an encrypted connection where the server has one. */
async function connect(address: DatabaseAddress, order: ConnectionOrder): Promise<Client> {
  if (address.sslmode !== 'prefer') return connectOnce(address, order, tls(address));
  try {
    return await connectOnce(address, order, { rejectUnauthorized: false });
  } catch (error: unknown) {
    if (!(error instanceof Error) || !/does not support SSL|hba/.test(error.message)) throw error;
    return connectOnce(address, order, false);
  }
}

async function connectOnce(
  { host, port, user, password, database }: DatabaseAddress,
  { applicationName, signal }: ConnectionOrder,
  ssl: ReturnType<typeof tls>,
): Promise<Client> {
  signal.throwIfAborted();
  const client = new Client({
    host,
    port,
    user,
    // As a function: an empty text would make the driver look in this process's own environment.
    password: () => password,
    database,
    ssl,
    application_name: applicationName,
    options: sessionOptions,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Without a listener a connection that breaks between two queries would end the process.
  client.on('error', () => undefined);
  const cut = () => client.connection.stream.destroy();
  signal.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error: unknown) {
    closeNow(client);
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

function tls({
  sslmode,
}: DatabaseAddress): false | { rejectUnauthorized: boolean; checkServerIdentity?: () => undefined } {
  switch (sslmode) {
    case 'disable':
      return false;
    case 'prefer':
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { rejectUnauthorized: true };
  }
}

/** Ends the connection without waiting for a server that may not answer. */
function closeNow(client: Client): void {
  const lastResort = setTimeout(() => client.connection.stream.destroy(), 2_000);
  client
    .end()
    .catch(() => undefined)
    .finally(() => clearTimeout(lastResort));
}
