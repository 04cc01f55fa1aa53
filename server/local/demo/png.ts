import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const LARGEST_STORED_BLOCK = 65_535;

/**
 * A PNG file of 8-bit RGB pixels (three bytes each, row by row from the top).
 * The pixels are stored without compression, because deflate gives other bytes with other builds of zlib.
 */
export function encodePng(width: number, height: number, pixels: Buffer): Buffer {
  if (pixels.length !== width * height * 3) {
    throw new Error(
      `A picture of ${width} x ${height} needs ${width * height * 3} bytes of pixels, not ${pixels.length}.`,
    );
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header(width, height)),
    chunk('IDAT', storedZlibStream(filteredRows(width, height, pixels))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function header(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.writeUInt8(8, 8); // bits per channel
  bytes.writeUInt8(2, 9); // RGB
  return bytes;
}

/** Every row begins with the number of its filter; 0 is none. */
function filteredRows(width: number, height: number, pixels: Buffer): Buffer {
  const stride = width * 3;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1) pixels.copy(rows, y * (stride + 1) + 1, y * stride, (y + 1) * stride);
  return rows;
}

function storedZlibStream(data: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])];
  for (let start = 0; start < data.length; start += LARGEST_STORED_BLOCK) {
    const block = data.subarray(start, start + LARGEST_STORED_BLOCK);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + block.length === data.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(adler32(data));
  parts.push(checksum);
  return Buffer.concat(parts);
}

function adler32(data: Buffer): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < data.length; start += 3800) {
    // 3800 bytes are as many as fit before the sums leave 32 bits.
    for (const byte of data.subarray(start, start + 3800)) {
      low += byte;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return high * 65_536 + low;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
