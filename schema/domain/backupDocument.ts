import type { BackupKind, Content, Finding, Stage } from './content.js';

/** Where the list of a dump’s tables lies. */
export interface TableListDocument {
  /** Storage key of the gzipped list: one JSON object a line, `table`, `rows` and `sha256`. */
  key: string;
  /** Hex SHA-256 of the list before compression. */
  sha256: string;
}

/** The database part as `backup.json` describes it. */
export interface DatabasePartDocument {
  content: 'DATABASE';
  /** Storage key of the dump. */
  key: string;
  /** Bytes as stored and as downloaded: the same object. */
  size: number;
  /** Hex SHA-256 of the dump. */
  sha256: string;
  tables: number;
  /** What each table holds, found in the archive itself; backups of the first releases have none. */
  tableList?: TableListDocument;
  /** How the dump’s rows are compressed, e.g. `gzip (zlib, level 1)`. */
  compression?: string;
  serverVersion: string;
  /** The program that wrote the dump, e.g. `pg_dump (PostgreSQL) 15.18`. */
  tool: string;
}

/** The media part as `backup.json` describes it. */
export interface MediaPartDocument {
  content: 'MEDIA';
  /** Storage key of the gzipped manifest. */
  key: string;
  /** Bytes of the files, as downloaded: each file counts once, a hardlink to it not again. */
  size: number;
  /** Hex SHA-256 of the manifest before compression. */
  sha256: string;
  files: number;
  entries: number;
  /** Ids of the packs that hold the files’ bytes. */
  packs: string[];
  /** The list by which the next backup knows what it need not read; none in backups of earlier releases. */
  scan?: ScanDocument;
}

/** A scan list as `backup.json` names it. */
export interface ScanDocument {
  /** Storage key of the gzipped list. */
  key: string;
  /** Hex SHA-256 of the list before compression. */
  sha256: string;
}

export type PartDocument = DatabasePartDocument | MediaPartDocument;

/** `backup.json`: all that is needed to understand a backup without Holdfast’s catalogue. */
export interface BackupDocument {
  format: 'holdfast-backup';
  version: 1;
  id: string;
  kind: BackupKind;
  project: { id: string; slug: string; name: string };
  environment: { id: string; slug: string; name: string; stage: Stage };
  contents: Content[];
  note: string;
  gitCommit: string | null;
  /** RFC 3339, UTC. */
  takenAt: string;
  createdAt: string;
  sealedAt: string;
  parts: PartDocument[];
  warnings: Finding[];
}
