import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const ROTATE_AT_BYTES = 10 * 1024 * 1024;
const KEEP_TAIL = 4 * 1024;

/**
 * A log file that never grows without bounds: at 10 MiB it becomes `<file>.1` and a new one begins.
 * A full disk loses lines and stops nothing.
 */
export class RotatingLog {
  private descriptor: number;
  private size: number;
  private recent = '';

  constructor(
    private readonly file: string,
    private readonly rotateAt = ROTATE_AT_BYTES,
  ) {
    this.descriptor = openSync(file, 'a', 0o600);
    this.size = fstatSync(this.descriptor).size;
  }

  /** Appends a piece of output. */
  write(chunk: Buffer): void {
    this.recent = (this.recent + chunk.toString('utf8')).slice(-KEEP_TAIL);
    try {
      if (this.size > 0 && this.size + chunk.length > this.rotateAt) this.rotate();
      writeSync(this.descriptor, chunk);
      this.size += chunk.length;
    } catch {
      // Nowhere to tell it: this is the log.
    }
  }

  /** The last line written that is not empty. */
  lastLine(): string {
    return this.recent.trimEnd().split('\n').at(-1)?.trim() ?? '';
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private rotate(): void {
    renameSync(this.file, `${this.file}.1`);
    const next = openSync(this.file, 'a', 0o600);
    closeSync(this.descriptor);
    this.descriptor = next;
    this.size = 0;
  }
}
