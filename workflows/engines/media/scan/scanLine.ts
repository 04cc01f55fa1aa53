/** A file as a scan list tells of it: how it looked, what it held, and where that lies. */
export interface KnownFile {
  /** One character for each byte. */
  path: string;
  /** Bytes. */
  size: number;
  /** Nanoseconds since 1970, decimal. */
  mtimeNs: string;
  /** As in `EntryFacts`. */
  fingerprint: string | null;
  /** Hex. */
  sha256: string;
  /** Id of the pack that holds the content. */
  pack: string;
}

/** What a scan list begins with. */
export interface ScanHeader {
  /** Which media it tells of: a source’s id. */
  source: string;
  /** When all of them were last read, whatever they looked like. RFC 3339, UTC. */
  readInFullAt: string;
}

const format = 'holdfast-scan';
const version = 1;

/** The first line. */
export function headerLine({ source, readInFullAt }: ScanHeader): string {
  return `${JSON.stringify({ format, version, source, readInFullAt })}\n`;
}

/** The line that gives a pack the next number, beginning with 0. */
export function packLine(id: string): string {
  return `${JSON.stringify([id])}\n`;
}

/** A file’s line. */
export function fileLine(file: KnownFile, packNumber: number): string {
  const { path, size, mtimeNs, fingerprint, sha256 } = file;
  return `${JSON.stringify([path, size, mtimeNs, fingerprint, sha256, packNumber])}\n`;
}

/** Reads lines in their order; null for those that tell of no file. Throws where a line is none. */
export class ScanLines {
  header: ScanHeader | null = null;
  private readonly packs: string[] = [];

  read(line: string): KnownFile | null {
    const told: unknown = JSON.parse(line);
    if (this.header === null) this.header = toHeader(told);
    else if (!Array.isArray(told)) throw new Error('A line of the scan list is no list');
    else if (told.length === 1 && typeof told[0] === 'string') this.packs.push(told[0]);
    else return this.toFile(told);
    return null;
  }

  private toFile([path, size, mtimeNs, fingerprint, sha256, packNumber]: unknown[]): KnownFile {
    const pack = this.packs[Number(packNumber)];
    if (
      typeof path !== 'string' ||
      typeof size !== 'number' ||
      typeof mtimeNs !== 'string' ||
      (typeof fingerprint !== 'string' && fingerprint !== null) ||
      typeof sha256 !== 'string' ||
      pack === undefined
    ) {
      throw new Error('A line of the scan list tells of no file');
    }
    return { path, size, mtimeNs, fingerprint, sha256, pack };
  }
}

function toHeader(told: unknown): ScanHeader {
  const header = told as Partial<ScanHeader & { format: string; version: number }> | null;
  if (header?.format !== format || header.version !== version) throw new Error('This is no scan list');
  const { source, readInFullAt } = header;
  if (typeof source !== 'string' || typeof readInFullAt !== 'string') throw new Error('No scan list');
  return { source, readInFullAt };
}
