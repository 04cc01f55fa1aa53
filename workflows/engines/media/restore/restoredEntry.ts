import type { ManifestEntry } from '#schema/domain';
import { usualFileLine } from './usualFileLine.js';

/** When an entry was changed last, in seconds since 1970 and nanoseconds beyond them. */
export interface EntryTime {
  seconds: number;
  nanoseconds: number;
}

interface EntryBase {
  /** Relative, `/` between names, one character for each byte. */
  path: string;
  time: EntryTime;
  /** Permission bits. */
  mode: number;
}

/** One line of a manifest, as restoring needs it. */
export type RestoredEntry =
  | (EntryBase & { kind: 'file'; size: number; sha256: Buffer })
  | (EntryBase & { kind: 'directory' })
  /** `target`: a symlink’s text, or the path of a hardlink’s first name; one character for each byte. */
  | (EntryBase & { kind: 'symlink' | 'hardlink'; target: string })
  /** What the backup lists without holding it. */
  | (EntryBase & { kind: 'absent' });

const hash = /^[0-9a-f]{64}$/;
const octal = /^[0-7]{3,5}$/;
const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/;

/** Reads one line of a manifest; null where it is none. */
export function toRestoredEntry(line: string): RestoredEntry | null {
  const usual = usualFileLine(line);
  if (!usual) return parsedEntry(line);
  const ms = msOf(usual.second);
  if (Number.isNaN(ms)) return null;
  const { size, mode, nanoseconds } = usual;
  return {
    path: bytesOfText(usual.path),
    time: { seconds: ms / 1000, nanoseconds },
    mode,
    kind: 'file',
    size,
    sha256: Buffer.from(usual.sha256, 'hex'),
  };
}

/** The same of any line, by JSON.parse. */
export function parsedEntry(line: string): RestoredEntry | null {
  const entry = parsed(line);
  if (!entry) return null;
  const path = bytesIn(entry.path, entry.pathBase64);
  const when = typeof entry.mtime === 'string' ? timeIn(entry.mtime) : null;
  if (path === null || when === null || typeof entry.mode !== 'string' || !octal.test(entry.mode))
    return null;
  const base = { path, time: when, mode: Number.parseInt(entry.mode, 8) & 0o7777 };
  if (entry.problem !== undefined) return { ...base, kind: 'absent' };
  if (entry.type === 'directory') return { ...base, kind: 'directory' };
  if (entry.type === 'file') {
    const { size, sha256 } = entry;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
    if (typeof sha256 !== 'string' || !hash.test(sha256)) return null;
    return { ...base, kind: 'file', size, sha256: Buffer.from(sha256, 'hex') };
  }
  if (entry.type !== 'symlink' && entry.type !== 'hardlink') return null;
  const target = bytesIn(entry.target, entry.targetBase64);
  return target === null ? null : { ...base, kind: entry.type, target };
}

type Parsed = { [Key in keyof ManifestEntry]?: unknown };

function parsed(line: string): Parsed | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

const beyondAscii = /[\u0080-\uffff]/;

/** One character for each byte of a text or of what is written in base64. */
function bytesIn(text: unknown, base64: unknown): string | null {
  if (typeof text === 'string') return bytesOfText(text);
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('latin1') : null;
}

function bytesOfText(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

function timeIn(text: string): EntryTime | null {
  const found = time.exec(text);
  const ms = found ? msOf(found[1] ?? '') : Number.NaN;
  return Number.isNaN(ms) ? null : { seconds: ms / 1000, nanoseconds: Number(found?.[2]) };
}

/** The minute read last: most entries were made in one with their neighbours, and Date.parse is slow. */
let lastMinute = '';
let lastMs = Number.NaN;

/** Milliseconds since 1970 of a second in UTC, e.g. `2026-11-23T14:00:00`; NaN where there is none such. */
function msOf(second: string): number {
  const minute = second.slice(0, 17);
  if (minute !== lastMinute) {
    lastMs = Date.parse(`${minute}00Z`);
    lastMinute = minute;
  }
  const within = Number(second.slice(17));
  return within < 60 ? lastMs + within * 1000 : Number.NaN;
}
