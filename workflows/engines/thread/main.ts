import { parentPort, type MessagePort } from 'node:worker_threads';
import { run as archiveMedia } from '../media/archive/archiveMediaThread.js';
import { run as copyMedia } from '../media/copyThread.js';
import { run as measureMedia } from '../media/measureThread.js';
import { run as stageMedia } from '../media/restore/stageMediaThread.js';
import { run as tendMedia } from '../media/restore/tendMediaThread.js';
import { run as dumpDatabase } from '../postgres/dumpThread.js';
import { ThreadPort } from './threadPort.js';
import { packError, type ThreadEngine, type ToThread } from './wire.js';

const engines: Record<ThreadEngine, (order: never, port: ThreadPort) => Promise<unknown>> = {
  archiveMedia,
  copyMedia,
  dumpDatabase,
  measureMedia,
  stageMedia,
  tendMedia,
};
const aliveMs = 1_000;

/** A thread’s whole life: one piece of work after another. */
function live(worker: MessagePort): void {
  let port: ThreadPort | null = null;
  worker.on('message', (message: ToThread) => {
    if (message.kind === 'begin') {
      port = new ThreadPort(worker);
      void work(message.engine, message.order as never, port);
    } else {
      port?.hear(message);
    }
  });
}

async function work(engine: ThreadEngine, order: never, port: ThreadPort): Promise<void> {
  const alive = setInterval(() => port.send({ kind: 'alive' }), aliveMs);
  try {
    port.send({ kind: 'done', value: await engines[engine](order, port) });
  } catch (error: unknown) {
    port.send({ kind: 'failed', error: packError(error) });
  } finally {
    clearInterval(alive);
  }
}

if (!parentPort) throw new Error('This runs as a thread only.');
live(parentPort);
