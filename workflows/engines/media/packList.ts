import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const pieceLength = 64 * 1024;

/** Lines that are kept compressed until the pack that they belong to is whole: some 80 bytes for each file. */
export class PackList {
  private readonly hash = createHash('sha256');
  private readonly members: Buffer[] = [];
  private piece = '';

  add(line: string): void {
    this.piece += line;
    if (this.piece.length >= pieceLength) this.press();
  }

  /** The gzipped lines, and the hash of them before compression. */
  end(): { members: Buffer[]; sha256: string } {
    this.press();
    return { members: this.members, sha256: this.hash.digest('hex') };
  }

  /** Gzip files one after another are a gzip file. */
  private press(): void {
    const piece = Buffer.from(this.piece);
    this.piece = '';
    this.hash.update(piece);
    this.members.push(gzipSync(piece, { level: 1 }));
  }
}
