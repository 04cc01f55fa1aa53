import { fileLinkMinutes, filePath } from '#schema/domain';
import type { DownloadFile } from '#schema/entities';
import type { Tools } from '../graph/context.js';
import type { Viewer } from '../identity/viewer.js';

/** The address of a file for this person: it works without a further sign-in for some minutes, while they may have it. */
export function mintAddress(
  { fileLinks, settings }: Tools,
  { user, by }: Viewer,
  { downloadId, name }: DownloadFile,
): string {
  const key = fileLinks.sign({
    downloadId,
    name,
    untilMs: Date.now() + fileLinkMinutes * 60_000,
    minted: { userId: user.id, by: by.kind, credentialId: by.id },
  });
  return `${settings.publicUrl}${filePath(downloadId, name)}?key=${key}`;
}
