import { inThread } from '../thread/inThread.js';
import type { DumpOrder, Dumped } from './dump.js';
import type { ToolSet } from './tools.js';

/** What the thread is told: the order without what cannot be sent. */
export type DumpThreadOrder = Omit<DumpOrder, 'tools' | 'storage' | 'signal' | 'onProgress'> & {
  tools: readonly ToolSet[];
};

/** `dumpDatabase` in a thread of its own. */
export async function dumpInThread(order: DumpOrder & { stallMs: number }): Promise<Dumped> {
  const { tools, storage, signal, onProgress, ...plain } = order;
  const told: DumpThreadOrder = { ...plain, tools: tools.found };
  return inThread<Dumped>({
    engine: 'dumpDatabase',
    order: told,
    storage,
    hears: { progress: onProgress },
    signal,
    stallMs: order.stallMs,
    what: 'The dump of the database',
  });
}
