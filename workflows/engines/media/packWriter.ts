import { randomUUID } from 'node:crypto';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { packIndexKey, packKey, packListKey, type Place } from '#schema/domain';
import { pour } from '../pour.js';
import { StepProblem } from '../stepProblem.js';
import type { EngineStorage, Written } from '../storage/storage.js';
import { PackIndex } from './packIndex.js';
import { PackList } from './packList.js';
import { fileLine, headerLine, packLine, type KnownFile } from './scan/scanLine.js';
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

/** What becomes known of a pack once it is whole in storage. */
export interface FinishedPack {
  id: string;
  /** Bytes of the tar. */
  size: number;
  /** Bytes of the index. */
  indexSize: number;
  /** SHA-256 of all its contents, one after another, sorted. */
  hashes: Buffer;
  /** Of the list of its files’ looks that lies beside it, where there is one. */
  listSha256: string | null;
}

export interface PackOrder {
  storage: EngineStorage;
  place: Place;
  /** The id of the media, for the lists of files. */
  source: string;
  signal: AbortSignal;
  /** Whether what is written is read back and compared. */
  readBack: boolean;
  /** Called before anything of a pack is written. */
  onPack: (packId: string) => Promise<void>;
  /** Called once it is whole. */
  onPackDone: (pack: FinishedPack) => Promise<void>;
  /** Called with every piece that storage has taken room for. */
  onBytes: (bytes: number) => void;
  /** Bytes after which a new pack is begun; a larger file has a pack to itself. */
  packBytes: number;
  /** Contents after which a new pack is begun, so that its index fits into memory. */
  packObjects: number;
}

const pieceBytes = 1024 * 1024;
const piecesAhead = 8;
/** Larger pieces that are nobody else’s go on as they are. */
const ownBytes = 256 * 1024;

interface OpenPack {
  id: string;
  stream: PassThrough;
  written: Promise<Written>;
  position: number;
  index: PackIndex;
  list: PackList;
  /** Small things put together; handed on when full, and never touched again. */
  piece: Buffer | null;
  filled: number;
}

/** Writes files' contents into packs: ordinary tars of bounded size, each with an index of where a hash lies. */
export class PackWriter {
  readonly packs: Pack[] = [];
  /** The pack that is begun and not whole, or that was when all was given up. */
  openId: string | null = null;
  private open: OpenPack | null = null;

  constructor(private readonly order: PackOrder) {}

  /** Begins a file and answers where its content will lie; `write` exactly `size` bytes, then `finish`. */
  async begin(file: TarFile): Promise<{ pack: string; offset: number }> {
    const header = tarHeader(file);
    const { open } = this;
    const isFull =
      open &&
      open.position > 0 &&
      (open.position + header.length + file.size + tarEnd.length > this.order.packBytes ||
        open.index.count >= this.order.packObjects);
    // More is to come: should this attempt be cut off, the next one goes on from here.
    if (isFull) await this.complete(open, open.list);
    const pack = (this.open ??= await this.start(file.size));
    await this.put(pack, header);
    return { pack: pack.id, offset: pack.position };
  }

  /** Writes the next piece of the file that was begun. */
  async write(chunk: Buffer): Promise<void> {
    await this.put(this.current(), chunk);
  }

  /** Ends a file. Only what was read whole is named in the index: `sha256` null leaves its bytes unused. */
  async finish(offset: number, size: number, sha256: Buffer | null): Promise<void> {
    const pack = this.current();
    await this.put(pack, tarPadding(size));
    if (sha256) pack.index.add(sha256, offset, size);
  }

  /** Keeps how the file that was finished last looked. */
  list(file: KnownFile): void {
    this.current().list.add(fileLine(file, 0));
  }

  /** Completes the pack under way, if any, and writes its index. */
  async close(): Promise<void> {
    if (this.open) await this.complete(this.open, null);
  }

  /** Gives up the pack under way, if any; settles once storage has let go of it. */
  async abandon(reason: unknown): Promise<void> {
    this.open?.stream.destroy(reason instanceof Error ? reason : new Error('abandoned', { cause: reason }));
    await this.open?.written.catch(() => undefined);
  }

  private async start(firstBytes: number): Promise<OpenPack> {
    const { storage, place, signal, onPack, packBytes, source, readBack } = this.order;
    const id = randomUUID();
    await onPack(id);
    this.openId = id;
    // By pieces, not bytes: else they would be copied together on their way.
    const stream = new PassThrough({ objectMode: true, highWaterMark: piecesAhead });
    // What breaks it is thrown by the next write; nobody else listens.
    stream.on('error', () => undefined);
    const written = storage.write(packKey(place, id), stream, {
      signal,
      expectedBytes: Math.max(packBytes, firstBytes),
      hash: false,
      readBack,
    });
    written.catch(() => undefined);
    const list = new PackList();
    list.add(headerLine({ source, readInFullAt: new Date().toISOString() }) + packLine(id));
    return { id, stream, written, position: 0, index: new PackIndex(), list, piece: null, filled: 0 };
  }

  private async complete(pack: OpenPack, list: PackList | null): Promise<void> {
    const { place, onPackDone } = this.order;
    await this.put(pack, tarEnd);
    await this.flush(pack);
    pack.stream.end();
    const { size } = await pack.written;
    if (size !== pack.position) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage took ${size} of ${pack.position} bytes`,
      );
    }
    const { id, index } = pack;
    const indexKey = packIndexKey(place, id);
    const { size: indexSize } = await this.store(indexKey, index.text());
    const listed = list?.end();
    if (listed) await this.store(packListKey(place, id), listed.members, true);
    await onPackDone({ id, size, indexSize, hashes: index.hashes(), listSha256: listed?.sha256 ?? null });
    this.open = null;
    this.openId = null;
    this.packs.push({ id, size, objects: index.count, indexKey, indexSize });
  }

  private current(): OpenPack {
    if (!this.open) throw new Error('No file was begun');
    return this.open;
  }

  private async put(pack: OpenPack, chunk: Buffer): Promise<void> {
    if (chunk.length >= ownBytes && chunk.length === chunk.buffer.byteLength) {
      await this.flush(pack);
      await this.pour(pack, chunk);
    } else {
      for (let from = 0; from < chunk.length;) {
        pack.piece ??= Buffer.allocUnsafeSlow(pieceBytes);
        const taken = chunk.copy(pack.piece, pack.filled, from);
        pack.filled += taken;
        from += taken;
        if (pack.filled === pieceBytes) await this.flush(pack);
      }
    }
    pack.position += chunk.length;
  }

  private async flush(pack: OpenPack): Promise<void> {
    const { piece, filled } = pack;
    pack.piece = null;
    pack.filled = 0;
    if (piece && filled > 0) await this.pour(pack, piece.subarray(0, filled));
  }

  private async pour(pack: OpenPack, piece: Buffer): Promise<void> {
    const { length } = piece;
    try {
      await pour(pack.stream, piece);
    } catch (error: unknown) {
      await pack.written;
      throw error;
    }
    this.order.onBytes(length);
  }

  private store(key: string, pieces: Iterable<string | Buffer>, isPressed = false): Promise<Written> {
    const { storage, signal, readBack } = this.order;
    const source = Readable.from(pieces, { objectMode: false });
    if (isPressed) return storage.write(key, source, { signal, readBack });
    const gzip = createGzip();
    pipeline(source, gzip, () => undefined);
    return storage.write(key, gzip, { signal, readBack });
  }
}
