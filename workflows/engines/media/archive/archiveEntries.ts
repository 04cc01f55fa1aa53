import { readManifest, type ManifestOrder } from '../restore/readManifest.js';
import type { ArchivedEntry } from './archiveHeader.js';

/**
 * The entries of an archive, many at once: those of the manifest in the byte order of their names in the tar, where a
 * folder’s ends with `/`. A manifest has `a-b` between the folder `a` and `a/0`; here `a/` comes right before what lies
 * in it, as programs expect that give a folder its mode and time once something else follows. Only folders move, and at
 * most as many wait as one name has bytes: each begins with the one before, and the next entry with all of them.
 */
export async function* archiveEntries(order: ManifestOrder): AsyncGenerator<ArchivedEntry[]> {
  const waiting: Array<{ name: string; folder: ArchivedEntry }> = [];
  for await (const entries of readManifest(order)) {
    const ordered: ArchivedEntry[] = [];
    for (const entry of entries) {
      for (let last = waiting.at(-1); last && last.name < entry.path; last = waiting.at(-1)) {
        ordered.push(last.folder);
        waiting.pop();
      }
      if (entry.kind === 'directory') waiting.push({ name: `${entry.path}/`, folder: entry });
      else if (entry.kind !== 'absent') ordered.push(entry);
    }
    yield ordered;
  }
  yield waiting.reverse().map(({ folder }) => folder);
}
