const width = 32;
const shardCount = 64;
const fullest = 0.7;

/**
 * A number for each of many SHA-256 hashes: 50 to 100 bytes for each, whatever their count. In shards, so that growing
 * takes little room beside the whole.
 */
export class HashTable {
  private readonly shards = Array.from({ length: shardCount }, () => new Shard());

  /** The hash’s number, or null where it was not added. */
  get(hash: Buffer): number | null {
    return this.shardOf(hash).get(hash);
  }

  /** Keeps a number for the hash; one that it has already stays. */
  add(hash: Buffer, value: number): void {
    this.shardOf(hash).add(hash, value);
  }

  private shardOf(hash: Buffer): Shard {
    return this.shards[hash.readUInt8(width - 1) % shardCount] as Shard;
  }
}

class Shard {
  private slots = Buffer.alloc(16 * width);
  /** By slot: 0 where it is free, else the value and 1. */
  private values = new Uint32Array(16);
  private count = 0;

  get(hash: Buffer): number | null {
    const value = this.values[this.slotOf(hash)] ?? 0;
    return value === 0 ? null : value - 1;
  }

  add(hash: Buffer, value: number): void {
    if (this.count + 1 > this.values.length * fullest) this.grow();
    const slot = this.slotOf(hash);
    if (this.values[slot] !== 0) return;
    hash.copy(this.slots, slot * width);
    this.values[slot] = value + 1;
    this.count += 1;
  }

  /** The hash's own slot, or the free one where it belongs. */
  private slotOf(hash: Buffer): number {
    const capacity = this.values.length;
    let slot = hash.readUInt32LE(0) % capacity;
    while (this.values[slot] !== 0 && !this.holds(slot, hash)) slot = (slot + 1) % capacity;
    return slot;
  }

  /** By words: many times quicker than asking Buffer for so few bytes. */
  private holds(slot: number, hash: Buffer): boolean {
    for (let at = 0; at < width; at += 4) {
      if (this.slots.readUInt32LE(slot * width + at) !== hash.readUInt32LE(at)) return false;
    }
    return true;
  }

  private grow(): void {
    const [slots, values] = [this.slots, this.values];
    this.slots = Buffer.alloc(slots.length * 2);
    this.values = new Uint32Array(values.length * 2);
    this.count = 0;
    values.forEach((value, slot) => {
      if (value !== 0) this.add(slots.subarray(slot * width, (slot + 1) * width), value - 1);
    });
  }
}
