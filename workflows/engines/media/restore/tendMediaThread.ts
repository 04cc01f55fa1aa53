import { RemoteStorage } from '../../thread/remoteStorage.js';
import type { ThreadPort } from '../../thread/threadPort.js';
import { removeTree } from './removeTree.js';
import { surveyFolder } from './surveyFolder.js';
import { switchBackFolders, switchFolders } from './switchFolders.js';
import type { MediaTask } from './tendMediaInThread.js';
import { verifyMedia } from './verifyMedia.js';

/** The thread’s side of `tendMediaInThread`. */
export async function run(task: MediaTask, port: ThreadPort): Promise<unknown> {
  const { signal } = port;
  switch (task.do) {
    case 'verify':
      return verifyMedia({ ...task, storage: new RemoteStorage(port), signal });
    case 'survey':
      return surveyFolder(task.directory);
    case 'switch':
      return switchFolders(task.folders);
    case 'switchBack':
      return switchBackFolders(task.folders);
    case 'remove':
      await removeTree(task.path, signal);
      return null;
  }
}
