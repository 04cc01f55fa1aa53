/** What a media manifest tells of one entry. `path` is relative to the media folder, `/` between names. */
export interface ManifestEntry {
  /** The path where it is UTF-8. */
  path?: string;
  /** The path's bytes, base64, in place of `path` where the name is not UTF-8. */
  pathBase64?: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** Bytes; files only. */
  size?: number;
  /** RFC 3339 with nine decimals, UTC. */
  mtime: string;
  /** Octal permission bits, e.g. `0644`. */
  mode: string;
  /** Hex SHA-256; files only. */
  sha256?: string;
  /** Where a link points to: a symlink’s text, or the path of a hardlink’s first name. */
  target?: string;
  /** The target’s bytes, base64, in place of `target` where they are not UTF-8. */
  targetBase64?: string;
  /** Why the entry could not be read; such an entry has no hash. */
  problem?: string;
}

/** One line of `manifest.jsonl`, keys in a fixed order, with its line feed. Written by hand: there may be millions. */
export function manifestLine(entry: ManifestEntry): string {
  const { path, pathBase64, type, size, mtime, mode, sha256, target, targetBase64, problem } = entry;
  let line = path === undefined ? `{"pathBase64":${text(pathBase64 ?? '')}` : `{"path":${text(path)}`;
  line += `,"type":${text(type)}`;
  if (size !== undefined) line += `,"size":${size}`;
  line += `,"mtime":${text(mtime)},"mode":${text(mode)}`;
  if (sha256 !== undefined) line += `,"sha256":${text(sha256)}`;
  if (target !== undefined) line += `,"target":${text(target)}`;
  if (targetBase64 !== undefined) line += `,"targetBase64":${text(targetBase64)}`;
  if (problem !== undefined) line += `,"problem":${text(problem)}`;
  return `${line}}\n`;
}

const text = (value: string) => JSON.stringify(value);

const billion = 1_000_000_000n;
/** The first and the last nanosecond that RFC 3339 can write: years 0000 to 9999. */
const [earliest, latest] = [-62_167_219_200n * billion, 253_402_300_800n * billion - 1n];

/**
 * Nanoseconds since 1970 as RFC 3339 in UTC with all nine decimals. Some file systems hold times that RFC 3339 cannot
 * write: they become the nearest one that it can.
 */
export function nanosecondsToTime(nanoseconds: bigint): string {
  const ns = nanoseconds < earliest ? earliest : nanoseconds > latest ? latest : nanoseconds;
  let seconds = Number(ns / billion);
  let rest = Number(ns % billion);
  if (rest < 0) {
    seconds -= 1;
    rest += 1_000_000_000;
  }
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(9, '0')}Z`;
}
