/** A line of a manifest about a file, as all but few of ours are: no character of its path is escaped. */
export interface UsualFileLine {
  /** Text. */
  path: string;
  size: number;
  /** `2026-11-23T14:00:00`, UTC. */
  second: string;
  nanoseconds: number;
  /** Permission bits. */
  mode: number;
  /** Hex, 64 characters. */
  sha256: string;
}

// No backslash, so nothing is escaped; no control character, which JSON does not allow; numbers as JSON writes them.
const usual =
  // oxlint-disable-next-line no-control-regex
  /^\{"path":"([^"\\\u0000-\u001f]*)","type":"file","size":(0|[1-9]\d{0,14}),"mtime":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z","mode":"([0-7]{3,5})","sha256":"([0-9a-f]{64})"\}$/;

/**
 * Reads a line about a file whose keys stand in the order in which we write them; null where it is another one, which
 * may be a good one still. What it answers is what JSON.parse would.
 */
export function usualFileLine(line: string): UsualFileLine | null {
  const found = usual.exec(line);
  if (!found) return null;
  const [, path = '', size, second = '', nanoseconds, mode = '', sha256 = ''] = found;
  return {
    path,
    size: Number(size),
    second,
    nanoseconds: Number(nanoseconds),
    mode: Number.parseInt(mode, 8) & 0o7777,
    sha256,
  };
}
