import fresh from 'fresh';
import type { IncomingHttpHeaders } from 'node:http';
import parseRange from 'range-parser';
import type { ByteRange } from './fileStore.js';

/** What is known of the file. */
export interface FileFacts {
  size: number;
  etag: string;
  /** As in the header. */
  lastModified: string;
}

/** What a request is to be answered with: the bytes where there are any. */
export type Answer =
  { status: 200; range: ByteRange } | { status: 206; range: ByteRange } | { status: 304 | 412 | 416 };

/** Reads what a request asks of a file, in the order of RFC 9110: conditions first, then the range. */
export function answerFor(headers: IncomingHttpHeaders, file: FileFacts): Answer {
  if (!isAsExpected(headers, file)) return { status: 412 };
  if (fresh(headers, { etag: file.etag, 'last-modified': file.lastModified })) return { status: 304 };
  const whole = { start: 0, end: file.size - 1 };
  if (headers.range === undefined || !isStillThat(headers['if-range'], file))
    return { status: 200, range: whole };
  // range-parser takes a suffix that is longer than the file for none; it means all of the file.
  const suffix = /^bytes=\s*-(\d+)\s*$/i.exec(headers.range)?.[1];
  if (suffix !== undefined && Number(suffix) >= file.size && file.size > 0)
    return { status: 206, range: whole };
  // One that ends before it begins is none, which range-parser takes for one that cannot be had.
  const [, first, last] = /^bytes=\s*(\d+)-(\d+)\s*$/i.exec(headers.range) ?? [];
  if (first !== undefined && Number(last) < Number(first)) return { status: 200, range: whole };
  const ranges = parseRange(file.size, headers.range, { combine: true });
  if (ranges === -1) return { status: 416 };
  // What cannot be read, other units and several ranges at once are answered with all of it, as the standard lets us.
  if (ranges === -2 || ranges.type.toLowerCase() !== 'bytes') return { status: 200, range: whole };
  const [only, ...more] = ranges;
  if (!only || more.length > 0) return { status: 200, range: whole };
  return { status: 206, range: { start: only.start, end: only.end } };
}

/** `If-Match`, or where there is none `If-Unmodified-Since`. */
function isAsExpected(headers: IncomingHttpHeaders, { etag, lastModified }: FileFacts): boolean {
  const match = headers['if-match'];
  if (match !== undefined)
    return match.trim() === '*' || match.split(',').some((each) => each.trim() === etag);
  const since = Date.parse(headers['if-unmodified-since'] ?? '');
  return Number.isNaN(since) || Date.parse(lastModified) <= since;
}

/** Whether the bytes are those that `If-Range` speaks of: the same strong tag, or exactly the same date. */
function isStillThat(ifRange: string | string[] | undefined, { etag, lastModified }: FileFacts): boolean {
  if (ifRange === undefined) return true;
  const said = String(ifRange).trim();
  if (said.includes('"')) return said === etag;
  return Date.parse(said) === Date.parse(lastModified);
}
