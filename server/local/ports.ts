import { createServer, type Server } from 'node:net';
import { readIfThere, replaceFile } from './files.js';
import { Refusal } from './refusal.js';

const REMEMBERED = ['postgres', 'temporal', 'smtp', 'inbox'] as const;

/** The loopback ports that are chosen at the first start and kept from then on. */
export type Ports = Record<(typeof REMEMBERED)[number], number>;

/** Throws a Refusal naming the variable where a port that must be this one is taken or not allowed. */
export async function requireFreePort(variable: string, port: number): Promise<void> {
  const problem = await tryPort(port);
  if (problem === undefined) return;
  if (problem === 'EADDRINUSE') {
    throw new Refusal(
      `Port ${port} is in use by another program: end that one, or choose another port with ${variable}.`,
    );
  }
  throw new Refusal(`Port ${port} cannot be listened on (${problem}): choose another port with ${variable}.`);
}

/**
 * The remembered ports of this data folder; a port that is taken meanwhile, or not chosen yet, is chosen anew.
 * Ports in `avoid` are never chosen.
 */
export async function choosePorts(file: string, avoid: number[]): Promise<Ports> {
  const kept = parsePorts(await readIfThere(file));
  const ports: Partial<Ports> = {};
  const used = new Set(avoid);
  for (const name of REMEMBERED) {
    const port = kept[name];
    const usable = port !== undefined && !used.has(port) && (await tryPort(port)) === undefined;
    ports[name] = usable ? port : await freePort(used);
    used.add(ports[name]);
  }
  const chosen = ports as Ports;
  await replaceFile(file, `${JSON.stringify(chosen)}\n`);
  return chosen;
}

/** A loopback port that nobody listens on now and that is not in `used`. */
export async function freePort(used: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const server = await listen(0);
    const address = server.address();
    await close(server);
    if (address !== null && typeof address === 'object' && !used.has(address.port)) return address.port;
  }
}

/** The ports in a remembered file; anything unreadable in it counts as not chosen yet. */
export function parsePorts(text: string | undefined): Partial<Ports> {
  const ports: Partial<Ports> = {};
  let raw: unknown;
  try {
    raw = JSON.parse(text ?? '{}');
  } catch {
    return ports;
  }
  if (raw === null || typeof raw !== 'object') return ports;
  for (const name of REMEMBERED) {
    const port = (raw as Record<string, unknown>)[name];
    if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65536) ports[name] = port;
  }
  return ports;
}

/** Undefined where the port can be listened on, else the system's error code. */
async function tryPort(port: number): Promise<string | undefined> {
  try {
    await close(await listen(port));
    return undefined;
  } catch (error: unknown) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
