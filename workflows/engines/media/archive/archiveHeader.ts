import { bytesOf } from '../bytePath.js';
import type { EntryTime, RestoredEntry } from '../restore/restoredEntry.js';
import { largestOctal, longestField, paxRecord, tarBlock, tarPadding, type TarBlock } from '../tarEntry.js';

/** An entry that an archive has: all but what the backup lists without holding it. */
export type ArchivedEntry = Exclude<RestoredEntry, { kind: 'absent' }>;

const manifestName = 'manifest.jsonl';
const types = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

/** What stands before the list that every archive begins with. */
export function manifestHeader(size: number): Buffer {
  return headerOf({ name: Buffer.from(manifestName), type: '0', size, mode: 0o644 }, null);
}

/** What stands before an entry’s bytes: its header, and before it what has no room there. */
export function archiveHeader(entry: ArchivedEntry): Buffer {
  const isFolder = entry.kind === 'directory';
  const name = bytesOf(`media/${entry.path}${isFolder ? '/' : ''}`);
  const size = entry.kind === 'file' ? entry.size : 0;
  const own = { name, type: types[entry.kind], size, mode: entry.mode };
  if (entry.kind === 'symlink') return headerOf({ ...own, target: bytesOf(entry.target) }, entry.time);
  if (entry.kind === 'hardlink')
    return headerOf({ ...own, target: bytesOf(`media/${entry.target}`) }, entry.time);
  return headerOf(own, entry.time);
}

/**
 * Long names and targets go before the header the GNU way, byte by byte: a pax record would have to be UTF-8, and
 * bsdtar complains of one wherever the locale is not. Times and sizes that have no room go into pax records.
 */
function headerOf(own: Omit<TarBlock, 'mtime'> & { name: Buffer }, time: EntryTime | null): Buffer {
  const before: Buffer[] = [];
  if (own.name.length > longestField) before.push(...longField('L', own.name));
  if (own.target && own.target.length > longestField) before.push(...longField('K', own.target));
  const records: string[] = [];
  const seconds = time?.seconds ?? 0;
  const hasRoom = seconds >= 0 && seconds <= largestOctal;
  if (time && (time.nanoseconds > 0 || !hasRoom)) records.push(paxRecord('mtime', inDecimals(time)));
  if (own.size > largestOctal) records.push(paxRecord('size', String(own.size)));
  if (records.length > 0) {
    const text = Buffer.from(records.join(''));
    const block = tarBlock({ name: 'PaxHeader', size: text.length, mode: 0o644, mtime: 0, type: 'x' });
    before.push(block, text, tarPadding(text.length));
  }
  const block = tarBlock({ ...own, mtime: hasRoom ? seconds : 0 });
  return before.length === 0 ? block : Buffer.concat([...before, block]);
}

function longField(type: 'L' | 'K', value: Buffer): Buffer[] {
  const size = value.length + 1;
  const block = tarBlock({ name: '././@LongLink', size, mode: 0o644, mtime: 0, type });
  return [block, value, Buffer.alloc(1), tarPadding(size)];
}

/** Seconds since 1970 in decimals, e.g. `-0.5`: the nanoseconds always lead onward in time. */
function inDecimals({ seconds, nanoseconds }: EntryTime): string {
  if (nanoseconds === 0) return String(seconds);
  const isBefore = seconds < 0;
  const whole = isBefore ? -(seconds + 1) : seconds;
  const part = isBefore ? 1_000_000_000 - nanoseconds : nanoseconds;
  return `${isBefore ? '-' : ''}${whole}.${String(part).padStart(9, '0').replace(/0+$/, '')}`;
}
