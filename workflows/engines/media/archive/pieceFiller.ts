const pieceBytes = 256 * 1024;

/** Puts small things together to pieces that storage takes at once; a piece is never touched again. */
export class PieceFiller {
  private piece: Buffer | null = null;
  private filled = 0;

  /** Adds bytes, which are copied; answers the pieces that are full. */
  *add(bytes: Buffer): Generator<Buffer> {
    for (let from = 0; from < bytes.length;) {
      this.piece ??= Buffer.allocUnsafeSlow(pieceBytes);
      const taken = bytes.copy(this.piece, this.filled, from);
      this.filled += taken;
      from += taken;
      if (this.filled < pieceBytes) continue;
      yield this.piece;
      this.piece = null;
      this.filled = 0;
    }
  }

  /** What is left. */
  *end(): Generator<Buffer> {
    if (this.piece && this.filled > 0) yield this.piece.subarray(0, this.filled);
    this.piece = null;
    this.filled = 0;
  }
}
