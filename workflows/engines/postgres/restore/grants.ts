import { escapeIdentifier } from 'pg';
import { withOwner, type ArchiveEntry } from './archiveContents.js';

/** Who owns what: every statement that gives an object to an owner other than who restores. */
export function ownerStatements(
  entries: readonly ArchiveEntry[],
  restoredBy: string,
): Array<{ owner: string; sql: string }> {
  return entries.flatMap((entry) => {
    if (!withOwner.test(entry.kind) || entry.owner === '' || entry.owner === restoredBy) return [];
    return objectsIn(entry).map((object) => ({
      owner: entry.owner,
      sql: `ALTER ${object} OWNER TO ${escapeIdentifier(entry.owner)}`,
    }));
  });
}

/** What a statement calls the object, e.g. `FUNCTION public.f(integer)`: as its DROP does. */
function objectsIn({ kind, drop, name }: ArchiveEntry): string[] {
  if (kind === 'BLOB') return [`LARGE OBJECT ${Number.parseInt(name, 10)}`];
  // Not dropped with the others, because every database has it.
  if (kind === 'SCHEMA' && drop === '') return [`SCHEMA ${escapeIdentifier(name)}`];
  const object = /^DROP (.*);\s*$/s.exec(drop)?.[1];
  return object === undefined ? [] : [object];
}

/** Every GRANT, REVOKE and ALTER DEFAULT PRIVILEGES about what is within the database, in order. */
export function grantStatements(entries: readonly ArchiveEntry[]): string[] {
  return entries
    .filter(({ kind, name }) => /^(?:DEFAULT )?ACL$/.test(kind) && !name.startsWith('DATABASE '))
    .flatMap(({ definition }) => statementsIn(definition));
}

/** Semicolons within quoted names end nothing. */
function statementsIn(script: string): string[] {
  const parts = script.match(/(?:"(?:[^"]|"")*"|[^";])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The roles that a grant names. */
export function rolesIn(statement: string): string[] {
  const words = statement.match(/(?:"(?:[^"]|"")*"|[^\s"])+/g) ?? [];
  const roles = words.flatMap((word, index) => {
    const next = words[index + 1];
    const named = next !== undefined && /^(?:TO|FROM|ROLE|AUTHORIZATION)$/.test(word);
    return named && next !== 'PUBLIC' ? [next] : [];
  });
  return roles.map((role) => (role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role));
}
