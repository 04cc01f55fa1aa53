const mebibyte = 1024 * 1024;
/** Beyond this, each write has to make do with one part on its way while it fills the next. */
const plentyBytes = 80 * mebibyte;
/** So long memory is kept for the next part. */
const keptMs = 5_000;

/** The memory of parts, for all writes to a bucket together: used again, and bounded however many write at once. */
export class S3PartMemory {
  private spare: Buffer[] = [];
  private usedBytes = 0;
  private forgetting: NodeJS.Timeout | null = null;

  /** Whether no more parts should be on their way than are needed to go on. */
  get isShort(): boolean {
    return this.usedBytes >= plentyBytes;
  }

  /** Memory of at least `least` bytes and at most `size`: all of it where some is at hand. */
  take(size: number, least: number): Buffer {
    const at = this.spare.findIndex(({ length }) => length === size);
    const [found] = at < 0 ? [] : this.spare.splice(at, 1);
    const bytes = found ?? Buffer.allocUnsafeSlow(least);
    this.usedBytes += bytes.length;
    return bytes;
  }

  /** Takes memory back; `isWorthKeeping` where a part of that size may come again. */
  give(bytes: Buffer, isWorthKeeping: boolean): void {
    this.usedBytes -= bytes.length;
    if (isWorthKeeping) this.spare.push(bytes);
    if (this.forgetting) this.forgetting.refresh();
    else this.forgetting = setTimeout(() => this.forget(), keptMs).unref();
  }

  private forget(): void {
    this.spare = [];
    this.forgetting = null;
  }
}
