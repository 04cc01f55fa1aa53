import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Listed } from './folderTree.js';

type Row = [path: string, size: number, etag: string | null, mtimeMs: number];

const rowsOfPage = 1_000;

/**
 * A bucket’s whole listing, held compressed: some 50 bytes for each object, so that one listing serves to measure, to
 * find the folders and to walk.
 */
export class HeldListing implements Iterable<Listed> {
  /** The path that was added last. */
  private last = '';
  private isSorted = true;
  private rows: Row[] = [];
  private pages: Buffer[] = [];

  add({ path, size, etag, mtimeMs }: Listed): void {
    if (path < this.last) this.isSorted = false;
    this.last = path;
    this.rows.push([path, size, etag, mtimeMs]);
    if (this.rows.length >= rowsOfPage) this.close();
  }

  /** Ends the adding. Not every provider lists in the order of bytes, which the manifest needs. */
  end(): void {
    this.close();
    if (this.isSorted) return;
    const all = [...this].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    this.pages = [];
    this.last = '';
    this.isSorted = true;
    for (const each of all) this.add(each);
    this.close();
  }

  *[Symbol.iterator](): Generator<Listed> {
    for (const page of this.pages) {
      for (const [path, size, etag, mtimeMs] of JSON.parse(inflateRawSync(page).toString()) as Row[]) {
        yield { path, size, etag, mtimeMs };
      }
    }
  }

  private close(): void {
    if (this.rows.length === 0) return;
    this.pages.push(deflateRawSync(JSON.stringify(this.rows), { level: 1 }));
    this.rows = [];
  }
}
