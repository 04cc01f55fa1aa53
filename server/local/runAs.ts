import path from 'node:path';
import { Refusal } from './refusal.js';
import { runCommand, type Command } from './runCommand.js';

/** As whom PostgreSQL's programs run: as ourselves, or, because they refuse root, as another user. */
export type RunAs =
  | { kind: 'self' }
  | { kind: 'user'; name: string; uid: number; gid: number }
  | { kind: 'searchingUser'; name: string; uid: number; gid: number; capability: SearchCapability };

// Either lets a process pass through folders that are closed to its user; containers often grant only the second.
const SEARCH_CAPABILITIES = ['dac_read_search', 'dac_override'] as const;
type SearchCapability = (typeof SEARCH_CAPABILITIES)[number];

/** The same command, run as `runAs` says. */
export function commandAs(runAs: RunAs, command: Command): Command {
  switch (runAs.kind) {
    case 'self':
      return command;
    case 'user':
      return { ...command, uid: runAs.uid, gid: runAs.gid };
    case 'searchingUser':
      return {
        ...command,
        file: 'setpriv',
        args: [...setprivArgs(runAs), '--', command.file, ...command.args],
      };
  }
}

/** Without `no_setuid_fixup` the kernel ignores capabilities in access(2), by which PostgreSQL finds its own files. */
function setprivArgs(user: { uid: number; gid: number; capability: SearchCapability }): string[] {
  return [
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    `--inh-caps=+${user.capability}`,
    `--ambient-caps=+${user.capability}`,
    '--securebits=+no_setuid_fixup',
  ];
}

/**
 * Chooses as whom PostgreSQL's programs run, so that they reach `folder` (which belongs to root or to us).
 * As root: user `postgres`, else `nobody`; where a parent folder is closed to that user, with the one capability that
 * opens it. Throws a Refusal where neither works.
 */
export async function chooseRunAs(folder: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { kind: 'self' };
  const user = (await findUser('postgres')) ?? (await findUser('nobody'));
  if (user === undefined) {
    throw new Refusal(
      'PostgreSQL does not run as root and there is no user postgres or nobody: start Holdfast as an ordinary user.',
    );
  }
  const plain: RunAs = { kind: 'user', ...user };
  if (!(await canPass(plain, '/'))) {
    throw new Refusal(
      'PostgreSQL does not run as root, and becoming another user is not allowed here: start Holdfast as an ordinary user.',
    );
  }
  if (await canPass(plain, folder)) return plain;
  for (const capability of SEARCH_CAPABILITIES) {
    const searching: RunAs = { kind: 'searchingUser', ...user, capability };
    if (await canPass(searching, folder)) return searching;
  }
  throw new Refusal(
    `The user ${user.name} cannot reach ${folder} (PostgreSQL does not run as root): ` +
      'choose a folder that others may pass through with HOLDFAST_DATA, such as /var/lib/holdfast.',
  );
}

/** Tells whether the user may pass through `folder` and all above it, by trying. */
export async function canPass(runAs: RunAs, folder: string): Promise<boolean> {
  const probe = commandAs(runAs, { file: 'test', args: ['-x', path.join(folder, '.')], cwd: '/' });
  return (await runCommand(probe)).code === 0;
}

async function findUser(name: string): Promise<{ name: string; uid: number; gid: number } | undefined> {
  const uid = await idOf('-u', name);
  const gid = await idOf('-g', name);
  return uid === undefined || gid === undefined ? undefined : { name, uid, gid };
}

async function idOf(which: '-u' | '-g', name: string): Promise<number | undefined> {
  const { code, stdout } = await runCommand({ file: 'id', args: [which, name] });
  const id = Number(stdout.trim());
  return code === 0 && Number.isInteger(id) ? id : undefined;
}
