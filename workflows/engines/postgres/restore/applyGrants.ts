import { escapeIdentifier, type Client } from 'pg';
import type { Finding } from '#schema/domain';
import { systemCode } from '../../systemCode.js';
import type { ArchiveEntry } from './archiveContents.js';
import { grantStatements, ownerStatements, rolesIn } from './grants.js';
import type { Destination } from './destination.js';

/** Statements about owners and grants that can be made at a destination, in order, and who is left out of them. */
export interface PlannedGrants {
  owners: string[];
  grants: string[];
}

/** Leaves out the roles that are not there or that the environment’s role may not give to. */
export function planGrants(entries: readonly ArchiveEntry[], there: Destination): PlannedGrants {
  const settable = new Set(there.roles.filter(({ maySet }) => maySet).map(({ name }) => name));
  const known = new Set(there.roles.map(({ name }) => name));
  const owners = ownerStatements(entries, there.role).filter(({ owner }) => settable.has(owner));
  return {
    owners: owners.map(({ sql }) => sql),
    grants: asOthers(grantStatements(entries), there.isSuperuser, settable).filter((statement) =>
      rolesIn(statement).every((role) => known.has(role)),
    ),
  };
}

/** Who is no superuser grants in another’s name by taking his role, where it may; else such grants are left out. */
function asOthers(
  statements: readonly string[],
  isSuperuser: boolean,
  settable: ReadonlySet<string>,
): string[] {
  if (isSuperuser) return [...statements];
  const made: string[] = [];
  let leavesOut = false;
  for (const statement of statements) {
    const role = statement.startsWith('SET SESSION AUTHORIZATION ') ? rolesIn(statement)[0] : undefined;
    const isReset = /^RESET SESSION AUTHORIZATION$/.test(statement);
    if (role !== undefined) leavesOut = !settable.has(role);
    if (!leavesOut)
      made.push(
        role !== undefined ? `SET ROLE ${escapeIdentifier(role)}` : isReset ? 'RESET ROLE' : statement,
      );
    if (isReset) leavesOut = false;
  }
  return made;
}

/**
 * Gives what was restored to its owners and grants what was granted. What the role may not do is left out, and
 * answered in a warning.
 */
export async function applyGrants(client: Client, { owners, grants }: PlannedGrants): Promise<Finding[]> {
  const refused: string[] = [];
  // The server does less than it was asked, and only says so.
  const onNotice = (notice: { code?: string | undefined; message?: string | undefined }) => {
    if (/^0100[67]$/.test(notice.code ?? '')) refused.push(notice.message ?? '');
  };
  client.on('notice', onNotice);
  try {
    await client.query(`set synchronous_commit = off; set search_path = ''`);
    const later = (await attemptAll(client, owners)).map(({ sql }) => sql);
    const failed = await attemptAll(client, grants);
    // A sequence follows its table, and some owners need a grant first.
    failed.push(...(await attemptAll(client, later)));
    await client.query('reset session authorization; reset synchronous_commit; reset search_path');
    refused.push(...failed.map(({ message }) => message));
  } finally {
    client.off('notice', onNotice);
  }
  if (refused.length === 0) return [];
  const examples = [...new Set(refused)].slice(0, 3).join('; ');
  return [
    {
      code: 'GRANTS_LEFT_OUT',
      message: `${refused.length} statements about owners and grants could not be carried out as in the dump (${examples}).`,
    },
  ];
}

async function attemptAll(
  client: Client,
  statements: readonly string[],
): Promise<Array<{ sql: string; message: string }>> {
  const failed: Array<{ sql: string; message: string }> = [];
  for (const sql of statements) {
    await client.query(sql).catch((error: unknown) => {
      if (!(error instanceof Error) || !refusals.test(systemCode(error) ?? '')) throw error;
      failed.push({ sql, message: error.message });
    });
  }
  return failed;
}

/** That the role may not, that it cannot be, or that what is named is not there because it was left out. */
const refusals = /^(?:42501|42704|42883|42P01|3F000|0A000|0LP01)$/;
