const hashBytes = 32;
const rowBytes = hashBytes + 16;

/** What a pack holds: hash, place and size of each content, 48 bytes for each. */
export class PackIndex {
  count = 0;
  private rows = Buffer.allocUnsafeSlow(64 * rowBytes);

  add(sha256: Buffer, offset: number, size: number): void {
    const at = this.count * rowBytes;
    if (at === this.rows.length) {
      const larger = Buffer.allocUnsafeSlow(this.rows.length * 2);
      this.rows.copy(larger);
      this.rows = larger;
    }
    sha256.copy(this.rows, at);
    this.rows.writeDoubleLE(offset, at + hashBytes);
    this.rows.writeDoubleLE(size, at + hashBytes + 8);
    this.count += 1;
  }

  /** All hashes, one after another, sorted. */
  hashes(): Buffer {
    const all = Buffer.allocUnsafeSlow(this.count * hashBytes);
    this.sorted().forEach((row, place) => {
      this.rows.copy(all, place * hashBytes, row * rowBytes, row * rowBytes + hashBytes);
    });
    return all;
  }

  /** Its lines, sorted by hash, many at once. */
  *text(): Generator<string> {
    const order = this.sorted();
    for (let from = 0; from < order.length; from += 1000) {
      let lines = '';
      for (const row of order.subarray(from, from + 1000)) lines += this.line(row * rowBytes);
      yield lines;
    }
  }

  private line(at: number): string {
    const sha256 = this.rows.toString('hex', at, at + hashBytes);
    const offset = this.rows.readDoubleLE(at + hashBytes);
    return `{"sha256":"${sha256}","offset":${offset},"size":${this.rows.readDoubleLE(at + hashBytes + 8)}}\n`;
  }

  private sorted(): Uint32Array {
    const { rows } = this;
    return Uint32Array.from({ length: this.count }, (_, row) => row).sort((a, b) =>
      rows.compare(rows, b * rowBytes, b * rowBytes + hashBytes, a * rowBytes, a * rowBytes + hashBytes),
    );
  }
}
