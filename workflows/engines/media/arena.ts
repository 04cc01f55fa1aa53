/** Room for many small contents that are needed for a moment only: one piece of memory, used again and again. */
export class Arena {
  private room: Buffer | null = null;
  private used = 0;

  constructor(private readonly bytes: number) {}

  /** Room for so many bytes until the next `clear`; more than there is left is made beside it. */
  take(size: number): Buffer {
    this.room ??= Buffer.allocUnsafeSlow(this.bytes);
    if (this.used + size > this.bytes) return Buffer.allocUnsafeSlow(size);
    this.used += size;
    return this.room.subarray(this.used - size, this.used);
  }

  clear(): void {
    this.used = 0;
  }
}
