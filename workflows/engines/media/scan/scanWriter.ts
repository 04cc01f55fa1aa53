import type { EngineStorage, WriteOptions } from '../../storage/storage.js';
import { LineWriter } from '../lineWriter.js';
import { fileLine, headerLine, packLine, type KnownFile, type ScanHeader } from './scanLine.js';

/** Writes the list by which the next backup tells what it need not read. */
export class ScanWriter {
  /** The packs that hold what the files hold: id → number. */
  private readonly packs = new Map<string, number>();
  private readonly lines: LineWriter;

  constructor(storage: EngineStorage, key: string, header: ScanHeader, options: WriteOptions) {
    this.lines = new LineWriter(storage, key, options);
    void this.lines.add(headerLine(header));
  }

  /** Every pack that a file’s content lies in. */
  get packIds(): string[] {
    return [...this.packs.keys()];
  }

  /** Adds a file, in the order of paths; what it answers has to be waited for. */
  add(file: KnownFile): Promise<void> | undefined {
    const number = this.packs.get(file.pack);
    if (number !== undefined) return this.lines.add(fileLine(file, number));
    this.packs.set(file.pack, this.packs.size);
    return this.lines.add(packLine(file.pack) + fileLine(file, this.packs.size - 1));
  }

  /** Completes the list: bytes as stored, and the hash of the lines before compression. */
  end(): Promise<{ size: number; sha256: string }> {
    return this.lines.end();
  }

  /** Gives up what was written; settles once storage has let go of it. */
  abandon(reason: unknown): Promise<void> {
    return this.lines.abandon(reason);
  }
}
