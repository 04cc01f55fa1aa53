import { gunzippedLines } from '../restore/gunzippedLines.js';
import { damagedManifest, ManifestRules, type ManifestTotals } from '../restore/manifestRules.js';
import { toRestoredEntry } from '../restore/restoredEntry.js';
import { tarEnd, tarPadding } from '../tarEntry.js';
import { archiveHeader, manifestHeader } from './archiveHeader.js';
import type { ArchiveMediaOrder } from './archiveMediaOrder.js';

/** How large an archive will be: a tar says of everything how many bytes it has before the first of them. */
export interface ArchiveWeight extends ManifestTotals {
  /** Of the manifest, uncompressed. */
  manifestBytes: number;
  /** Of the whole archive. */
  archiveBytes: number;
}

/** Reads the manifest to its end, by the rules of a restore; throws BACKUP_DAMAGED before anything is written. */
export async function weighArchive(
  { storage, part, signal }: ArchiveMediaOrder,
  onStep: () => void,
): Promise<ArchiveWeight> {
  const rules = new ManifestRules(part);
  const what = 'The manifest of the media';
  let manifestBytes = 0;
  let entriesBytes = 0;
  for await (const lines of gunzippedLines({ storage, key: part.key, sha256: part.sha256, what, signal })) {
    for (const line of lines) {
      const entry = toRestoredEntry(line);
      if (!entry) throw damagedManifest(`line ${rules.totals.entries + 1} cannot be understood`);
      rules.pass(entry);
      manifestBytes += Buffer.byteLength(line) + 1;
      if (entry.kind === 'absent') continue;
      entriesBytes += archiveHeader(entry).length;
      if (entry.kind === 'file') entriesBytes += padded(entry.size);
    }
    onStep();
  }
  rules.end();
  const archiveBytes =
    manifestHeader(manifestBytes).length + padded(manifestBytes) + entriesBytes + tarEnd.length;
  return { ...rules.totals, manifestBytes, archiveBytes };
}

function padded(size: number): number {
  return size + tarPadding(size).length;
}
