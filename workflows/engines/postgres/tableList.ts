import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { TableListDocument } from '#schema/domain';
import type { EngineStorage } from '../storage/storage.js';
import type { TableContent } from './copyCounter.js';

const linesAtOnce = 1000;

/** Writes what each table of a dump holds, one JSON object a line, gzipped. `size` as stored, `sha256` of the lines. */
export async function writeTableList(
  storage: EngineStorage,
  key: string,
  tables: ReadonlyMap<string, TableContent>,
  signal: AbortSignal,
): Promise<TableListDocument & { size: number }> {
  const hash = createHash('sha256');
  const source = Readable.from(pieces(tables, (piece) => hash.update(piece)));
  const gzip = createGzip();
  source.on('error', (error) => gzip.destroy(error));
  const { size } = await storage.write(key, source.pipe(gzip), { signal });
  return { key, size, sha256: hash.digest('hex') };
}

function* pieces(
  tables: ReadonlyMap<string, TableContent>,
  onPiece: (piece: string) => void,
): Generator<string> {
  let piece = '';
  let lines = 0;
  for (const [table, content] of tables) {
    piece += `${JSON.stringify({ table, ...content })}\n`;
    if ((lines += 1) % linesAtOnce !== 0) continue;
    onPiece(piece);
    yield piece;
    piece = '';
  }
  onPiece(piece);
  if (piece !== '') yield piece;
}
