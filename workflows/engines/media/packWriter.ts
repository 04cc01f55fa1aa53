import { randomUUID } from 'node:crypto';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { packIndexKey, packKey, type Place } from '#schema/domain';
import { pour } from '../pour.js';
import { StepProblem } from '../stepProblem.js';
import type { Storage, Written } from '../storage/storage.js';
import { tarEnd, tarHeader, tarPadding, type TarFile } from './tarEntry.js';

/** A pack that is whole. */
export interface Pack {
  id: string;
  /** Bytes of the tar. */
  size: number;
  /** How many different contents its index names. */
  objects: number;
  indexKey: string;
  indexSize: number;
}

export interface PackOrder {
  storage: Storage;
  place: Place;
  signal: AbortSignal;
  /** Called before anything of a pack is written. */
  onPack: (packId: string) => Promise<void>;
  /** Called with every piece that storage has taken room for. */
  onBytes: (bytes: number) => void;
  /** Bytes after which a new pack is begun; a larger file has a pack to itself. */
  packBytes: number;
  /** Contents after which a new pack is begun, so that its index fits into memory. */
  packObjects: number;
}

/** A piece has at most 1 MiB. */
const piecesAhead = 8;

interface OpenPack {
  id: string;
  stream: PassThrough;
  written: Promise<Written>;
  position: number;
  lines: Array<{ sha256: string; offset: number; size: number }>;
}

/** Writes files' contents into packs: ordinary tars of bounded size, each with an index of where a hash lies. */
export class PackWriter {
  readonly packs: Pack[] = [];
  /** Every pack that was begun, whole or not. */
  readonly begunIds: string[] = [];
  private open: OpenPack | null = null;

  constructor(private readonly order: PackOrder) {}

  /** Begins a file and answers where in the pack its content lies; `write` exactly `size` bytes, then `finish`. */
  async begin(file: TarFile): Promise<number> {
    const header = tarHeader(file);
    const { open } = this;
    const isFull =
      open &&
      open.position > 0 &&
      (open.position + header.length + file.size + tarEnd.length > this.order.packBytes ||
        open.lines.length >= this.order.packObjects);
    if (isFull) await this.close();
    const pack = (this.open ??= await this.start(file.size));
    await this.put(pack, header);
    return pack.position;
  }

  /** Writes the next piece of the file that was begun. */
  async write(chunk: Buffer): Promise<void> {
    await this.put(this.current(), chunk);
  }

  /** Ends a file. Only what was read whole is named in the index: `sha256` null leaves its bytes unused. */
  async finish(offset: number, size: number, sha256: Buffer | null): Promise<void> {
    const pack = this.current();
    await this.put(pack, tarPadding(size));
    if (sha256) pack.lines.push({ sha256: sha256.toString('hex'), offset, size });
  }

  /** Completes the pack under way, if any, and writes its index. */
  async close(): Promise<void> {
    const pack = this.open;
    if (!pack) return;
    await this.put(pack, tarEnd);
    pack.stream.end();
    const { size } = await pack.written;
    if (size !== pack.position) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage took ${size} of ${pack.position} bytes`,
      );
    }
    this.open = null;
    const indexKey = packIndexKey(this.order.place, pack.id);
    const index = await this.writeIndex(indexKey, pack.lines);
    this.packs.push({ id: pack.id, size, objects: pack.lines.length, indexKey, indexSize: index.size });
  }

  /** Gives up the pack under way, if any; settles once storage has let go of it. */
  async abandon(reason: unknown): Promise<void> {
    this.open?.stream.destroy(reason instanceof Error ? reason : new Error('abandoned', { cause: reason }));
    await this.open?.written.catch(() => undefined);
  }

  private async start(firstBytes: number): Promise<OpenPack> {
    const { storage, place, signal, onPack, packBytes } = this.order;
    const id = randomUUID();
    this.begunIds.push(id);
    await onPack(id);
    // By pieces, not bytes: else they would be copied together on their way.
    const stream = new PassThrough({ objectMode: true, highWaterMark: piecesAhead });
    // What breaks it is thrown by the next write; nobody else listens.
    stream.on('error', () => undefined);
    const written = storage.write(packKey(place, id), stream, {
      signal,
      expectedBytes: Math.max(packBytes, firstBytes),
    });
    written.catch(() => undefined);
    return { id, stream, written, position: 0, lines: [] };
  }

  private current(): OpenPack {
    if (!this.open) throw new Error('No file was begun');
    return this.open;
  }

  private async put(pack: OpenPack, chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    try {
      await pour(pack.stream, chunk);
    } catch (error: unknown) {
      await pack.written;
      throw error;
    }
    pack.position += chunk.length;
    this.order.onBytes(chunk.length);
  }

  private writeIndex(key: string, lines: OpenPack['lines']): Promise<Written> {
    lines.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    const gzip = createGzip();
    pipeline(Readable.from(inPieces(lines)), gzip, () => undefined);
    return this.order.storage.write(key, gzip, { signal: this.order.signal });
  }
}

function* inPieces(lines: OpenPack['lines']): Generator<string> {
  for (let from = 0; from < lines.length; from += 1000) {
    yield lines
      .slice(from, from + 1000)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('');
  }
}
