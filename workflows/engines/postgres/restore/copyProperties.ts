import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { Finding } from '#schema/domain';
import {
  readProperties,
  type DatabaseGrant,
  type DatabaseProperties,
  type DatabaseSetting,
} from './databaseProperties.js';

/** Settings that are lists of names: each name is a literal of its own. */
const lists =
  /^(?:local_preload_libraries|search_path|session_preload_libraries|shared_preload_libraries|temp_tablespaces|unix_socket_directories)$/;

/**
 * Gives a database the properties of the one whose place it will take. What the role may not set, or is not as it
 * should be afterwards, is answered.
 */
export async function copyProperties(
  client: Client,
  name: string,
  wanted: Omit<DatabaseProperties, 'oid'>,
): Promise<Finding[]> {
  const warnings: Finding[] = [];
  const attempt = async (what: string, sql: string) => {
    await client.query(sql).catch((error: unknown) => {
      if (!(error instanceof Error) || !isRefusal(error)) throw error;
      warnings.push(notCopied(what, error.message));
    });
  };
  const database = `DATABASE ${escapeIdentifier(name)}`;
  const now = await readProperties(client, name);
  if (!now) throw new Error(`There is no database ${name}`);
  if (now.owner !== wanted.owner)
    await attempt(
      `the owner “${wanted.owner}”`,
      `ALTER ${database} OWNER TO ${escapeIdentifier(wanted.owner)}`,
    );
  for (const { what, sql } of await grantsToChange(client, name, wanted.grants)) await attempt(what, sql);
  for (const setting of wanted.settings)
    await attempt(settingInWords(setting), settingStatement(database, setting));
  for (const { provider, label } of wanted.securityLabels)
    await attempt(
      `a security label of “${provider}”`,
      `SECURITY LABEL FOR ${escapeIdentifier(provider)} ON ${database} IS ${escapeLiteral(label)}`,
    );
  if (wanted.comment !== null)
    await attempt('the comment', `COMMENT ON ${database} IS ${escapeLiteral(wanted.comment)}`);
  if (wanted.connectionLimit !== now.connectionLimit)
    await attempt('the connection limit', `ALTER ${database} CONNECTION LIMIT ${wanted.connectionLimit}`);
  const after = await readProperties(client, name);
  if (warnings.length === 0 && after && !areAlike(after, wanted))
    warnings.push(notCopied('a property', 'it is not the same afterwards'));
  return warnings;
}

/** That the role may not, or that a role or a setting is not known any more. */
function isRefusal(error: Error): boolean {
  return 'code' in error && /^(?:42501|42704|22023|55P02|0A000|0LP01)$/.test(String(error.code));
}

function notCopied(what: string, why: string): Finding {
  return {
    code: 'DATABASE_PROPERTY_LEFT_OUT',
    message: `Of the database itself ${what} could not be carried over (${why}).`,
  };
}

async function grantsToChange(
  client: Client,
  name: string,
  wanted: readonly DatabaseGrant[],
): Promise<Array<{ what: string; sql: string }>> {
  const now = (await readProperties(client, name))?.grants ?? [];
  const key = (grant: DatabaseGrant) => JSON.stringify([grant.grantee, grant.privilege, grant.grantable]);
  const has = (grants: readonly DatabaseGrant[], grant: DatabaseGrant) =>
    grants.some((each) => key(each) === key(grant));
  const on = `ON DATABASE ${escapeIdentifier(name)}`;
  const who = ({ grantee }: DatabaseGrant) => (grantee === null ? 'PUBLIC' : escapeIdentifier(grantee));
  const inWords = (grant: DatabaseGrant) => `${grant.privilege} of ${grant.grantee ?? 'everybody'}`;
  return [
    ...now
      .filter((grant) => !has(wanted, grant))
      .map((grant) => ({
        what: inWords(grant),
        sql: `REVOKE ${grant.privilege} ${on} FROM ${who(grant)} CASCADE`,
      })),
    ...wanted
      .filter((grant) => !has(now, grant))
      .map((grant) => ({
        what: inWords(grant),
        sql: `GRANT ${grant.privilege} ${on} TO ${who(grant)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`,
      })),
  ];
}

function settingInWords({ role, name }: DatabaseSetting): string {
  return `the setting ${name}${role === null ? '' : ` of “${role}”`}`;
}

function settingStatement(database: string, { role, name, value }: DatabaseSetting): string {
  const target = role === null ? database : `ROLE ${escapeIdentifier(role)} IN ${database}`;
  const quotedName = name.split('.').map(escapeIdentifier).join('.');
  const literals = lists.test(name) ? namesIn(value).map(escapeLiteral).join(', ') : escapeLiteral(value);
  return `ALTER ${target} SET ${quotedName} TO ${literals || "''"}`;
}

/** The names of a list, e.g. of `"$user", public`. */
function namesIn(list: string): string[] {
  const parts = list.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
}

function areAlike(one: Omit<DatabaseProperties, 'oid'>, other: Omit<DatabaseProperties, 'oid'>): boolean {
  const plain = ({ owner, connectionLimit, comment, grants, settings, securityLabels }: typeof one) => {
    const sorted = (list: readonly object[]) =>
      list.map((each) => JSON.stringify(Object.entries(each).sort())).sort();
    return JSON.stringify([
      owner,
      connectionLimit,
      comment,
      sorted(grants),
      sorted(settings),
      sorted(securityLabels),
    ]);
  };
  return plain(one) === plain(other);
}
