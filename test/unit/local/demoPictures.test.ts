import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { icon, productPicture } from '../../../server/local/demo/demoPictures.js';
import { encodePng } from '../../../server/local/demo/png.js';

describe('encodePng', () => {
  it('writes what a reader of PNG takes apart into the same pixels', () => {
    // 200 x 150 is more than one stored block; 1 x 1 is the smallest picture.
    for (const [width, height] of [
      [200, 150],
      [1, 1],
      [3, 2],
    ] as const) {
      const pixels = Buffer.from(
        Array.from({ length: width * height * 3 }, (_, index) => (index * 37) % 256),
      );
      const picture = readPng(encodePng(width, height, pixels));
      expect([picture.width, picture.height]).toEqual([width, height]);
      expect(picture.pixels.equals(pixels)).toBe(true);
    }
  });

  it('refuses pixels that do not fit the size', () => {
    expect(() => encodePng(2, 2, Buffer.alloc(11))).toThrow('needs 12 bytes of pixels, not 11');
  });
});

describe('productPicture', () => {
  it('is the same for the same name and another for another', () => {
    expect(productPicture('a', 40, 30).equals(productPicture('a', 40, 30))).toBe(true);
    expect(productPicture('a', 40, 30).equals(productPicture('b', 40, 30))).toBe(false);
    expect(readPng(productPicture('a', 40, 30)).width).toBe(40);
  });
});

describe('icon', () => {
  it('is an SVG that differs by name', () => {
    expect(icon('x')).toMatch(/^<\?xml .*<svg .*<\/svg>\n$/s);
    expect(icon('x')).not.toBe(icon('y'));
  });
});

/** A reader of its own that checks the signature, every chunk's sum and (by inflate) the stream's sum. */
function readPng(file: Buffer): { width: number; height: number; pixels: Buffer } {
  expect(file.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(file.subarray(at + 4, at + 8 + length)));
    chunks.set(file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR') ?? Buffer.alloc(0);
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const stride = width * 3 + 1;
  const pixels = Array.from({ length: height }, (_, y) => rows.subarray(y * stride + 1, (y + 1) * stride));
  return { width, height, pixels: Buffer.concat(pixels) };
}
