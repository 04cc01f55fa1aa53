import type { ArchiveContents } from './archiveContents.js';
import { ArchiveFile, BrokenFile } from './archiveFile.js';

const rowsBlock = 1;
const largeObjectsBlock = 3;

/**
 * Walks over the rows of an archive without unpacking them: `onBlock` hears how many bytes of it each entry’s data
 * take. Throws where the archive breaks off.
 */
export async function walkBlocks(
  path: string,
  contents: ArchiveContents,
  { signal, onBlock }: { signal: AbortSignal; onBlock: (dumpId: number, bytes: number) => void },
): Promise<void> {
  await ArchiveFile.with(path, signal, async (file) => {
    file.position = contents.dataAt;
    const missing = new Set(contents.entries.filter(({ hasData }) => hasData).map(({ dumpId }) => dumpId));
    while (file.position < file.size) {
      const from = file.position;
      const kind = await file.byte();
      const dumpId = await file.int();
      if (kind === rowsBlock) await skipPieces(file);
      else if (kind === largeObjectsBlock) while ((await file.int()) !== 0) await skipPieces(file);
      else throw new BrokenFile();
      missing.delete(dumpId);
      onBlock(dumpId, file.position - from);
    }
    if (missing.size > 0) throw new BrokenFile();
  });
}

async function skipPieces(file: ArchiveFile): Promise<void> {
  for (let length = await file.int(); length !== 0; length = await file.int()) file.skip(length);
}
