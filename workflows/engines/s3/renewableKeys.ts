import { withSecretFiles } from '#schema/config';
import type { S3Keys } from '#schema/domain';

/** Keys, or how they are read anew. */
export type S3KeySource = S3Keys | (() => Promise<S3Keys>);

/** Keys from the settings; those that stand in files are read from there whenever S3 refuses the ones known. */
export function renewableKeys(keys: S3Keys | null, environment: NodeJS.ProcessEnv): S3KeySource | null {
  const isInFiles = environment.S3_ACCESS_KEY_ID_FILE || environment.S3_SECRET_ACCESS_KEY_FILE;
  if (keys === null || !isInFiles) return keys;
  return async () => {
    const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } =
      withSecretFiles(environment).environment;
    // Files that are being replaced may be away for a moment.
    return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : keys;
  };
}
