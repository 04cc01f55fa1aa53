import { open, type FileHandle } from 'node:fs/promises';
import { StepProblem } from '../../stepProblem.js';

const windowBytes = 1024 * 1024;
/** More than PostgreSQL lets any text be. */
const longestText = 1024 * 1024 * 1024;

/** Reads the numbers and texts of a custom-format archive one after the other; what breaks off is a `StepProblem`. */
export class ArchiveFile {
  /** Bytes of a number and of an offset, as the head of the archive says. */
  intBytes = 4;
  offsetBytes = 8;
  private window = Buffer.alloc(0);
  /** Where the window begins in the file, and how far it has been read. */
  private start = 0;
  private at = 0;

  private constructor(
    private readonly handle: FileHandle,
    /** Of the whole file, in bytes. */
    readonly size: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Lends an open file for as long as `use` runs. */
  static async with<T>(
    path: string,
    signal: AbortSignal,
    use: (file: ArchiveFile) => Promise<T>,
  ): Promise<T> {
    const handle = await open(path, 'r');
    try {
      return await use(new ArchiveFile(handle, (await handle.stat()).size, signal));
    } finally {
      await handle.close();
    }
  }

  /** How many bytes have been read or skipped. */
  get position(): number {
    return this.start + this.at;
  }

  set position(position: number) {
    const within = position - this.start;
    if (within >= 0 && within <= this.window.length) this.at = within;
    else {
      this.window = Buffer.alloc(0);
      this.start = position;
      this.at = 0;
    }
  }

  async byte(): Promise<number> {
    if (this.at >= this.window.length) await this.fill(1);
    return this.window[this.at++] ?? 0;
  }

  /** A number: its sign, then its bytes, the lowest first. */
  async int(): Promise<number> {
    if (this.at + this.intBytes >= this.window.length) await this.fill(1 + this.intBytes);
    const sign = this.window[this.at] === 0 ? 1 : -1;
    const value = this.window.readUIntLE(this.at + 1, Math.min(6, this.intBytes));
    this.at += 1 + this.intBytes;
    return sign * value;
  }

  /** A text, each of its bytes a character; null where there is none. */
  async text(): Promise<string | null> {
    const length = await this.int();
    if (length < 0) return null;
    if (length > longestText) throw new BrokenFile();
    if (this.at + length > this.window.length) await this.fill(length);
    const text = this.window.toString('latin1', this.at, this.at + length);
    this.at += length;
    return text;
  }

  skip(bytes: number): void {
    if (bytes < 0 || this.position + bytes > this.size) throw new BrokenFile();
    this.position += bytes;
  }

  private async fill(needed: number): Promise<void> {
    this.signal.throwIfAborted();
    const position = this.position;
    if (position + needed > this.size) throw new BrokenFile();
    const window = Buffer.allocUnsafe(Math.min(Math.max(windowBytes, needed), this.size - position));
    for (let filled = 0; filled < window.length;) {
      const { bytesRead } = await this.handle.read(window, filled, window.length - filled, position + filled);
      if (bytesRead === 0) throw new BrokenFile();
      filled += bytesRead;
    }
    this.window = window;
    this.start = position;
    this.at = 0;
  }
}

/** That the archive breaks off, or is none. */
export class BrokenFile extends StepProblem {
  constructor() {
    super('DATABASE_RESTORE_FAILED', 'The dump breaks off before its end', {
      remedy: 'Restore another backup: this dump is not whole.',
    });
  }
}
