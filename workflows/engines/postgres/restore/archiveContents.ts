import { StepProblem } from '../../stepProblem.js';
import { inUtf8 } from '../tableInCopy.js';
import { ArchiveFile } from './archiveFile.js';
import { decoderOf } from './encodings.js';

/** One object of an archive, as its table of contents lists it. */
export interface ArchiveEntry {
  dumpId: number;
  /** Its kind, e.g. `TABLE DATA`. */
  kind: string;
  schema: string;
  /** Its name, with what tells it apart: a function’s arguments, or the kind of what a grant is about. */
  name: string;
  owner: string;
  tablespace: string;
  /** Whether rows or large objects of it follow in the archive. */
  hasData: boolean;
  /** How it is made; kept only where somebody asks: of grants, extensions, publications and the database itself. */
  definition: string;
  /** How it is dropped; kept only of what has an owner. */
  drop: string;
  /** `"schema"."table"` as the list of tables in a backup spells it. */
  key: string;
}

/** What stands at the head of an archive. */
export interface ArchiveContents {
  entries: ArchiveEntry[];
  /** E.g. `15.18`: of the server that was dumped, and of the pg_dump that did it. */
  serverVersion: string;
  dumpVersion: string;
  /** E.g. `UTF8`. */
  encoding: string;
  /** Where the rows begin, in bytes. */
  dataAt: number;
}

const known = { oldest: 112, newest: 116 };
const withDefinition = /^(?:ACL|DEFAULT ACL|EXTENSION|PUBLICATION|DATABASE|ENCODING)$/;
/** What pg_restore gives to its owner by ALTER … OWNER TO. */
export const withOwner =
  /^(?:AGGREGATE|BLOB|COLLATION|CONVERSION|DOMAIN|EVENT TRIGGER|FOREIGN DATA WRAPPER|FOREIGN TABLE|FUNCTION|MATERIALIZED VIEW|OPERATOR|OPERATOR CLASS|OPERATOR FAMILY|PROCEDURAL LANGUAGE|PROCEDURE|PUBLICATION|SCHEMA|SEQUENCE|SERVER|STATISTICS|TABLE|TEXT SEARCH CONFIGURATION|TEXT SEARCH DICTIONARY|TYPE|VIEW)$/;

/** Reads the table of contents of a custom-format archive, exactly, in the order in which it is restored. */
export async function readContents(file: ArchiveFile): Promise<ArchiveContents> {
  const version = await readHead(file);
  const serverVersion = (await file.text()) ?? '';
  const dumpVersion = (await file.text()) ?? '';
  const count = await file.int();
  const raw: RawEntry[] = [];
  for (let index = 0; index < count; index += 1) raw.push(await readEntry(file, version));
  const encodingEntry = raw.find(({ kind }) => kind === 'ENCODING');
  const encoding = /'([^']+)'/.exec(encodingEntry?.definition ?? '')?.[1] ?? 'UTF8';
  const decode = decoderOf(encoding);
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const entries = raw.map(({ schema, name, owner, tablespace, definition, drop, ...entry }) => ({
    ...entry,
    schema: decode(schema),
    name: decode(name),
    owner: decode(owner),
    tablespace: decode(tablespace),
    definition: decode(definition),
    drop: decode(drop),
    key: entry.kind === 'TABLE DATA' ? inUtf8(`${quoted(schema)}.${quoted(name)}`) : '',
  }));
  const versionOnly = (text: string) => text.split(' ')[0] ?? text;
  return {
    entries,
    serverVersion: versionOnly(serverVersion),
    dumpVersion: versionOnly(dumpVersion),
    encoding,
    dataAt: file.position,
  };
}

/** Texts with each byte as a character, until the encoding is known. */
type RawEntry = Omit<ArchiveEntry, 'key'>;

/** Answers with the version of the format, e.g. 114 for 1.14. */
async function readHead(file: ArchiveFile): Promise<number> {
  let magic = '';
  for (let index = 0; index < 5; index += 1) magic += String.fromCharCode(await file.byte());
  if (magic !== 'PGDMP')
    throw new StepProblem('DATABASE_RESTORE_FAILED', 'The dump is no archive of pg_dump');
  const version = (await file.byte()) * 100 + (await file.byte());
  await file.byte();
  file.intBytes = await file.byte();
  file.offsetBytes = await file.byte();
  const format = await file.byte();
  if (format !== 1 || version < known.oldest || version > known.newest || file.intBytes !== 4)
    throw new StepProblem(
      'DATABASE_VERSION',
      `The dump has the format ${Math.floor(version / 100)}.${version % 100}, which is not known here`,
    );
  if (version >= 115) await file.byte();
  else await file.int();
  // When it was made, as seven numbers, and of which database.
  for (let index = 0; index < 7; index += 1) await file.int();
  await file.text();
  return version;
}

async function readEntry(file: ArchiveFile, version: number): Promise<RawEntry> {
  const dumpId = await file.int();
  const hasData = (await file.int()) !== 0;
  const text = async () => (await file.text()) ?? '';
  await text();
  await text();
  const name = await text();
  const kind = await text();
  await file.int();
  const definition = await text();
  const drop = await text();
  await text();
  const schema = await text();
  const tablespace = await text();
  if (version >= 114) await text();
  if (version >= 116) await file.int();
  const owner = await text();
  await text();
  // What it depends on.
  while ((await file.text()) !== null);
  await file.byte();
  file.skip(file.offsetBytes);
  return {
    dumpId,
    kind,
    schema,
    name,
    owner,
    tablespace,
    hasData,
    definition: withDefinition.test(kind) ? definition : '',
    drop: withOwner.test(kind) ? drop : '',
  };
}
