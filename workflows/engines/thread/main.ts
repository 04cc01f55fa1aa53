import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadEngine } from './inThread.js';
import { ThreadPort } from './threadPort.js';
import { packError } from './wire.js';

/** Each is loaded only where it is run: a dump needs no S3, media need no driver of PostgreSQL. */
const engines: Record<
  ThreadEngine,
  () => Promise<{ run: (order: never, port: ThreadPort) => Promise<unknown> }>
> = {
  copyMedia: () => import('../media/copyThread.js'),
  dumpDatabase: () => import('../postgres/dumpThread.js'),
  measureMedia: () => import('../media/measureThread.js'),
};

const aliveMs = 1_000;

/** A thread’s whole life: one engine, one result. */
async function live(): Promise<void> {
  if (!parentPort) throw new Error('This runs as a thread only.');
  const port = new ThreadPort(parentPort);
  const alive = setInterval(() => port.send({ kind: 'alive' }), aliveMs);
  const { engine, order } = workerData as { engine: ThreadEngine; order: never };
  try {
    const { run } = await engines[engine]();
    port.send({ kind: 'done', value: await run(order, port) });
  } catch (error: unknown) {
    port.send({ kind: 'failed', error: packError(error) });
  } finally {
    clearInterval(alive);
    parentPort.close();
  }
}

void live();
