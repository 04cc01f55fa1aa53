import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

// Node itself resolves it, so that threads run what was built whoever asks.
const entry = createRequire(import.meta.url).resolve('#workflows/engineThread');
/** Above what an engine needs at any size; beyond it the thread ends, not the worker. */
const heapMb = 256;

let spare: Worker | null = null;

/** Begins a thread that waits for work, if there is none: a fresh one takes as long as a small backup. */
export function prepareThread(): void {
  if (!spare) keepThread(beginThread());
}

/** A thread for one piece of work: the one that waits, or a fresh one. */
export function takeThread(): Worker {
  const thread = spare ?? beginThread();
  spare = null;
  thread.removeAllListeners();
  thread.ref();
  return thread;
}

/** Keeps a thread that has done its work well for the next one; it has learned to be quick. */
export function keepThread(thread: Worker): void {
  thread.removeAllListeners();
  if (spare) {
    void thread.terminate();
    return;
  }
  spare = thread;
  // It keeps nobody from ending, and one that breaks while it waits is nobody’s loss.
  thread.unref();
  const forget = () => {
    if (spare === thread) spare = null;
  };
  thread.once('error', forget);
  thread.once('exit', forget);
}

function beginThread(): Worker {
  return new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: heapMb }, execArgv: [] });
}
