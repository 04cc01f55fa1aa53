import { endianness } from 'node:os';

/** A stream of pseudo-random numbers that is the same on every machine for the same seed. Not for secrets. */
export interface SeededNumbers {
  /** The next whole number from 0 to `below` - 1; `below` is at most 2^32. */
  below(below: number): number;
  /** One item of a list that is not empty. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Fills whole buffers with noise; the length must be a multiple of four. */
  fill(bytes: Buffer): Buffer;
}

/** Makes the stream of numbers (xorshift128) that belongs to the seed. */
export function seededNumbers(seed: string): SeededNumbers {
  let a = hashText(seed, 1) | 1;
  let b = hashText(seed, 2);
  let c = hashText(seed, 3);
  let d = hashText(seed, 4);

  function next(): number {
    const mixed = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    d = d ^ (d >>> 19) ^ mixed ^ (mixed >>> 8);
    return d >>> 0;
  }

  function below(limit: number): number {
    return Math.floor((next() / 0x1_0000_0000) * limit);
  }

  function pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[below(items.length)] ?? items[0];
  }

  function fill(bytes: Buffer): Buffer {
    // A view of 32-bit words is some ten times faster than writeUInt32LE; big-endian machines swap afterwards.
    const words = new Uint32Array(bytes.length / 4);
    for (let index = 0; index < words.length; index += 1) words[index] = next();
    const noise = Buffer.from(words.buffer);
    if (endianness() === 'BE') noise.swap32();
    noise.copy(bytes);
    return bytes;
  }

  return { below, pick, fill };
}

/** A 32-bit number that is the same for the same text and salt everywhere (FNV-1a over UTF-8, then mixed). */
export function hashText(text: string, salt = 0): number {
  let hash = (0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1)) >>> 0;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
