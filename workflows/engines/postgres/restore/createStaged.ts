import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { ArchiveFacts } from './readArchive.js';

/** What of pg_database a new database takes over; which columns there are depends on the server’s version. */
interface DatabaseRow {
  encoding: string;
  datcollate: string;
  datctype: string;
  datlocprovider?: string;
  daticulocale?: string | null;
  datlocale?: string | null;
  daticurules?: string | null;
  tablespace: string;
}

/**
 * Creates an empty database that nobody else may enter yet, of the live one’s encoding, locale and tablespace, or,
 * where there is no live one, of the dump’s encoding and locale.
 */
export async function createStaged(
  client: Client,
  { name, live, dump }: { name: string; live: string; dump: ArchiveFacts },
): Promise<void> {
  const { rows } = await client.query<{ row: DatabaseRow }>(
    `select to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(d.encoding), 'tablespace', t.spcname) as row
     from pg_database d join pg_tablespace t on t.oid = d.dattablespace where d.datname = $1`,
    [live],
  );
  const like = rows[0] ? optionsOf(rows[0].row) : optionsOfDump(dump);
  const database = escapeIdentifier(name);
  await client.query(`create database ${database} template template0 ${like.join(' ')}`);
  await client.query(`revoke all on database ${database} from public`);
}

function optionsOf(row: DatabaseRow): string[] {
  const locale = row.datlocale ?? row.daticulocale;
  return [
    `encoding ${escapeLiteral(row.encoding)}`,
    `lc_collate ${escapeLiteral(row.datcollate)}`,
    `lc_ctype ${escapeLiteral(row.datctype)}`,
    ...(row.datlocprovider === 'i' && locale
      ? [`locale_provider icu icu_locale ${escapeLiteral(locale)}`]
      : []),
    ...(row.datlocprovider === 'b' && locale
      ? [`locale_provider builtin builtin_locale ${escapeLiteral(locale)}`]
      : []),
    ...(row.daticurules ? [`icu_rules ${escapeLiteral(row.daticurules)}`] : []),
    ...(row.tablespace === 'pg_default' ? [] : [`tablespace ${escapeIdentifier(row.tablespace)}`]),
  ];
}

function optionsOfDump({ encoding, collate, ctype }: ArchiveFacts): string[] {
  return [
    `encoding ${escapeLiteral(encoding)}`,
    ...(collate === null ? [] : [`lc_collate ${escapeLiteral(collate)}`]),
    ...(ctype === null ? [] : [`lc_ctype ${escapeLiteral(ctype)}`]),
  ];
}
