import type { Finding } from '#schema/domain';
import type { Destination } from './destination.js';
import type { ArchiveFacts } from './readArchive.js';

/** What hinders restoring a dump at a destination, and what of it will be otherwise there. */
export function judgeArchive(
  there: Destination,
  dump: ArchiveFacts,
): { blockers: Finding[]; warnings: Finding[] } {
  return {
    blockers: [...tooNew(there, dump), ...extensionsOutOfReach(there, dump)],
    warnings: [...rolesLeftOut(there, dump), ...tablespacesLeftOut(there, dump)],
  };
}

/** A dump is only sure to be understood by servers of its own major version and newer ones. */
function tooNew({ major, serverVersion }: Destination, dump: ArchiveFacts): Finding[] {
  if (dump.major <= major) return [];
  const message = `The dump is of PostgreSQL ${dump.serverVersion}, and the destination runs ${serverVersion}: it must be at least ${dump.major}.`;
  return [{ code: 'DATABASE_VERSION', message }];
}

function extensionsOutOfReach(there: Destination, dump: ArchiveFacts): Finding[] {
  const available = new Map(there.extensionsAvailable.map((extension) => [extension.name, extension]));
  return dump.extensions.flatMap((name) => {
    const extension = available.get(name);
    if (!extension)
      return [extensionFinding(`The extension “${name}” is not installed on the destination’s server.`)];
    if (there.isSuperuser || extension.trusted || !extension.superuser) return [];
    return [
      extensionFinding(
        `The extension “${name}” may be created by superusers only, which “${there.role}” is not.`,
      ),
    ];
  });
}

function extensionFinding(message: string): Finding {
  return { code: 'EXTENSION_MISSING', message };
}

function rolesLeftOut(there: Destination, dump: ArchiveFacts): Finding[] {
  const roles = new Map(there.roles.map((role) => [role.name, role]));
  const missing = dump.grantees.filter((name) => !roles.has(name) && !dump.owners.includes(name));
  return [
    ...dump.owners
      .filter((name) => !roles.get(name)?.maySet && name !== there.role)
      .map((name) => {
        const why = roles.has(name) ? `may not be set by “${there.role}”` : 'does not exist there';
        return {
          code: 'ROLE_LEFT_OUT',
          message: `The role “${name}” ${why}: what it owns in the dump will belong to “${there.role}”.`,
        };
      }),
    ...missing.map((name) => ({
      code: 'ROLE_LEFT_OUT',
      message: `The role “${name}” does not exist there: what it was granted is left out.`,
    })),
  ];
}

function tablespacesLeftOut(there: Destination, dump: ArchiveFacts): Finding[] {
  const missing = dump.tablespaces.filter((name) => !there.tablespaces.includes(name));
  if (missing.length === 0) return [];
  return [
    {
      code: 'TABLESPACE_LEFT_OUT',
      message: `The tablespaces ${missing.map((name) => `“${name}”`).join(', ')} do not exist there: all goes to the database’s own.`,
    },
  ];
}
