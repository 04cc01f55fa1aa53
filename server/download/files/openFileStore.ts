import { s3Chosen, withSecretFiles } from '#schema/config';
import type { ServerSettings } from '../../settings.js';
import type { FileStore } from './fileStore.js';
import { FolderStore } from './folderStore.js';
import { S3Store } from './s3Store.js';

/** The store of the settings; null where they name none. `environment` is read again for keys that stand in files. */
export function openFileStore(settings: ServerSettings, environment: NodeJS.ProcessEnv): FileStore | null {
  const s3 = s3Chosen(settings);
  if (s3) {
    const keysNow = () => {
      const { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = withSecretFiles(environment).environment;
      return S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
        ? { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY }
        : s3.keys;
    };
    return new S3Store(s3, keysNow, settings.HOLDFAST_FILES_FROM_S3 === 'redirect');
  }
  return settings.HOLDFAST_STORAGE_DIR ? new FolderStore(settings.HOLDFAST_STORAGE_DIR) : null;
}
