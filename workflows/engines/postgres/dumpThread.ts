import { RemoteStorage } from '../thread/remoteStorage.js';
import type { ThreadPort } from '../thread/threadPort.js';
import { dumpDatabase, type Dumped } from './dump.js';
import type { DumpThreadOrder } from './dumpInThread.js';
import { PostgresTools } from './tools.js';

/** The thread’s side of `dumpInThread`. */
export function run({ tools, ...order }: DumpThreadOrder, port: ThreadPort): Promise<Dumped> {
  return dumpDatabase({
    ...order,
    tools: new PostgresTools(tools),
    storage: new RemoteStorage(port),
    signal: port.signal,
    onProgress: (progress) => port.tell('progress', progress),
  });
}
