import type { S3Keys } from '#schema/domain';
import type { SecretBox } from './secretBox.js';

/** Seals the keys to an environment’s media bucket, tied to that environment. */
export function sealMediaKeys(box: SecretBox, environmentId: string, keys: S3Keys): string {
  const { accessKeyId, secretAccessKey } = keys;
  return box.seal(JSON.stringify({ accessKeyId, secretAccessKey }), mediaKeysPlace(environmentId));
}

/** Opens what `sealMediaKeys` made for the same environment. */
export function openMediaKeys(box: SecretBox, environmentId: string, sealed: string): S3Keys {
  return JSON.parse(box.open(sealed, mediaKeysPlace(environmentId))) as S3Keys;
}

function mediaKeysPlace(environmentId: string): string {
  return `environment/${environmentId}/media_s3_keys`;
}
