const width = 32;
const fullest = 0.7;

/** A set of SHA-256 hashes in one piece of memory: about 64 bytes for each, whatever their number. */
export class HashSet {
  private slots = Buffer.alloc(1024 * width);
  private used = Buffer.alloc(1024);
  private count = 0;

  has(hash: Buffer): boolean {
    return this.used[this.slotOf(hash)] === 1;
  }

  add(hash: Buffer): void {
    if (this.count + 1 > this.used.length * fullest) this.grow();
    const slot = this.slotOf(hash);
    if (this.used[slot] === 1) return;
    hash.copy(this.slots, slot * width);
    this.used[slot] = 1;
    this.count += 1;
  }

  /** The hash's own slot, or the free one where it belongs. */
  private slotOf(hash: Buffer): number {
    const capacity = this.used.length;
    let slot = hash.readUInt32LE(0) % capacity;
    while (
      this.used[slot] === 1 &&
      this.slots.compare(hash, 0, width, slot * width, (slot + 1) * width) !== 0
    ) {
      slot = (slot + 1) % capacity;
    }
    return slot;
  }

  private grow(): void {
    const [slots, used] = [this.slots, this.used];
    this.slots = Buffer.alloc(slots.length * 2);
    this.used = Buffer.alloc(used.length * 2);
    this.count = 0;
    used.forEach((isUsed, slot) => {
      if (isUsed === 1) this.add(slots.subarray(slot * width, (slot + 1) * width));
    });
  }
}
