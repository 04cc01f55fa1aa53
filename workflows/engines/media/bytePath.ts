import { isUtf8 } from 'node:buffer';

const beyondAscii = /[\u0080-\u00ff]/;

/** The bytes of a path that is written with one character for each byte. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The text that the bytes of such a path are; null where they are not UTF-8. */
export function textOf(path: string): string | null {
  if (!beyondAscii.test(path)) return path;
  const bytes = bytesOf(path);
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** Such a path below a folder (as text), as the file system takes it. */
export function pathBelow(folder: string, path: string): string | Buffer {
  if (!beyondAscii.test(path)) return `${folder}/${path}`;
  return Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)]);
}
