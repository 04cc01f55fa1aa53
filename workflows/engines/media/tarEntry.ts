import type { EntryFacts } from './source.js';

/** A file as a tar describes it. */
export interface TarFile {
  name: string;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  mode: number;
  /** Seconds since 1970, whole. */
  mtime: number;
}

/** What a tar tells of a file beside its name. */
export function tarFacts({ size, mode, mtimeNs }: EntryFacts): Omit<TarFile, 'name'> {
  return { size, mode: mode & 0o777, mtime: Number(mtimeNs / 1_000_000_000n) };
}

const block = 512;
/** The largest number that a header’s field for bytes or seconds holds. */
export const largestOctal = 0o77777777777;
/** The longest name, in bytes, that a header’s own field holds. */
export const longestField = 100;

/** What stands before a file's bytes in a POSIX tar: its header, and where that has no room an extended one first. */
export function tarHeader(file: TarFile): Buffer {
  const mtime = Math.max(0, Math.floor(file.mtime));
  const records: string[] = [];
  if (!fitsHeader(file.name)) records.push(paxRecord('path', file.name));
  if (file.size > largestOctal) records.push(paxRecord('size', String(file.size)));
  if (file.mtime < 0 || mtime > largestOctal)
    records.push(paxRecord('mtime', String(Math.floor(file.mtime))));
  const own = tarBlock({ ...file, mtime, type: '0' });
  if (records.length === 0) return own;
  const extended = Buffer.from(records.join(''));
  const before = tarBlock({ name: 'PaxHeader', size: extended.length, mode: 0o644, mtime, type: 'x' });
  return Buffer.concat([before, extended, tarPadding(extended.length), own]);
}

/** The zeros that fill up the last block of so many bytes. */
export function tarPadding(size: number): Buffer {
  return zeros.subarray(0, (block - (size % block)) % block);
}

const zeros = Buffer.alloc(block);

/** What ends a tar. */
export const tarEnd = Buffer.alloc(2 * block);

function fitsHeader(name: string): boolean {
  return name.length <= longestField && /^[\x20-\x7e]*$/.test(name);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** One header as it stands in a tar; names are cut to what their fields hold. */
export interface TarBlock extends Omit<TarFile, 'name'> {
  /** As text, or as the bytes that it is. */
  name: string | Buffer;
  /** `0` file, `1` hardlink, `2` symlink, `5` folder, `x` records of the next entry, `L` its name, `K` its target. */
  type: '0' | '1' | '2' | '5' | 'x' | 'L' | 'K';
  /** Where a link points to. */
  target?: Buffer;
}

/** The block that begins an entry. */
export function tarBlock({ name, size, mode, mtime, type, target }: TarBlock): Buffer {
  const bytes = Buffer.alloc(block);
  (typeof name === 'string' ? Buffer.from(name) : name).copy(bytes, 0, 0, longestField);
  octal(bytes, 100, 8, mode & 0o7777);
  octal(bytes, 108, 8, 0);
  octal(bytes, 116, 8, 0);
  octal(bytes, 124, 12, size > largestOctal ? 0 : size);
  octal(bytes, 136, 12, mtime > largestOctal ? 0 : mtime);
  bytes.write('        ', 148, 'latin1');
  bytes.write(type, 156, 'latin1');
  target?.copy(bytes, 157, 0, longestField);
  bytes.write('ustar\x0000', 257, 'latin1');
  octal(bytes, 329, 8, 0);
  octal(bytes, 337, 8, 0);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function octal(bytes: Buffer, at: number, width: number, value: number): void {
  bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
}
