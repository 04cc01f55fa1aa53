import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** By what equal bytes are told: a SHA-256 that people may see, a CRC-32 that finds out damage, or nothing. */
export type FingerprintKind = 'sha256' | 'crc32' | 'none';

/** What is remembered of bytes that pass by. */
export class Fingerprint {
  private readonly hash: Hash | null;
  private checksum = 0;

  constructor(readonly kind: FingerprintKind) {
    this.hash = kind === 'sha256' ? createHash('sha256') : null;
  }

  add(bytes: Uint8Array): void {
    if (this.hash) this.hash.update(bytes);
    else if (this.kind === 'crc32') this.checksum = crc32(bytes, this.checksum);
  }

  /** Hex, and the last that is asked of it; empty where nothing was remembered. */
  end(): string {
    if (this.hash) return this.hash.digest('hex');
    return this.kind === 'crc32' ? this.checksum.toString(16).padStart(8, '0') : '';
  }
}
