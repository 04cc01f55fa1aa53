import { RemoteStorage } from '../../thread/remoteStorage.js';
import type { ThreadPort } from '../../thread/threadPort.js';
import { removeTree } from './removeTree.js';
import { folderIno, stagedPlacesLeft } from './restorePlaces.js';
import { surveyFolder } from './surveyFolder.js';
import { readSwitch } from './switchJournal.js';
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
    case 'removeStaged':
      for (const folder of stagedPlacesLeft(task.live, task.restoreId, task.isInside))
        await removeTree(folder, signal);
      return null;
    case 'identify':
      return folderIno(task.path);
    case 'readSwitch':
      return readSwitch(task.folder);
    default: {
      // What only a bucket needs is loaded for a bucket only.
      const { tendBucket } = await import('./bucket/tendBucket.js');
      const { mayAct } = port.calls<{ mayAct: (nothing: null) => Promise<void> }>();
      return tendBucket(task, signal, () => mayAct(null));
    }
  }
}
