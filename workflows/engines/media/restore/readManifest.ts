import type { MediaPartDocument } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';
import { gunzippedLines } from './gunzippedLines.js';
import { damagedManifest, ManifestRules, type ManifestTotals } from './manifestRules.js';
import { toRestoredEntry, type RestoredEntry } from './restoredEntry.js';

/** Which manifest is read. */
export interface ManifestOrder {
  storage: EngineStorage;
  part: MediaPartDocument;
  signal: AbortSignal;
}

/**
 * The entries of a stored manifest, many at once, each found to be one that may be written (`ManifestRules`). The whole
 * is known to be what was written only once it has been read to its end: what is taken from it before that may count
 * only if a reading to the end came first. Throws BACKUP_DAMAGED. Returns what it holds.
 */
export async function* readManifest({
  storage,
  part,
  signal,
}: ManifestOrder): AsyncGenerator<RestoredEntry[], ManifestTotals> {
  const rules = new ManifestRules(part);
  const what = 'The manifest of the media';
  for await (const lines of gunzippedLines({ storage, key: part.key, sha256: part.sha256, what, signal })) {
    yield lines.map((line) => {
      const entry = toRestoredEntry(line);
      if (!entry) throw damagedManifest(`line ${rules.totals.entries + 1} cannot be understood`);
      rules.pass(entry);
      return entry;
    });
  }
  rules.end();
  return rules.totals;
}

/** Reads a manifest to its end; answers what it holds. */
export async function checkManifest(order: ManifestOrder, onStep: () => void): Promise<ManifestTotals> {
  const entries = readManifest(order);
  for (;;) {
    const next = await entries.next();
    if (next.done) return next.value;
    onStep();
  }
}
