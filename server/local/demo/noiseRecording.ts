import { seededNumbers } from './seededNumbers.js';

const HEADER_BYTES = 44;
const PIECE_BYTES = 1024 * 1024;

/** A WAV file (16 bit, mono, 44.1 kHz) of noise, `bytes` long in all rounded down to fours, in pieces of at most 1 MiB. */
export function* noiseRecording(name: string, bytes: number): Generator<Buffer> {
  const numbers = seededNumbers(`recording:${name}`);
  let left = Math.floor((bytes - HEADER_BYTES) / 4) * 4;
  yield wavHeader(left);
  while (left > 0) {
    const piece = numbers.fill(Buffer.alloc(Math.min(left, PIECE_BYTES)));
    left -= piece.length;
    yield piece;
  }
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(dataBytes + HEADER_BYTES - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(44_100, 24);
  header.writeUInt32LE(88_200, 28); // bytes per second
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
