import { access, constants, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../runCommand.js';

const SERVER_PROGRAMS = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];
const CLIENT_PROGRAMS = ['pg_dump', 'pg_restore', 'psql'];

/** A folder with PostgreSQL programs of one version. */
export interface PostgresBindir {
  bindir: string;
  major: number;
  /** As the programs tell it, such as "15.18". */
  version: string;
  /** Whether a whole server is there, not only the client programs. */
  isServer: boolean;
}

/** The folders where this machine may have PostgreSQL programs, in the order in which they are tried. */
export async function postgresPlaces(env: NodeJS.ProcessEnv): Promise<string[]> {
  const configured = await runCommand({ file: 'pg_config', args: ['--bindir'] });
  return [
    ...(configured.code === 0 ? [configured.stdout.trim()] : []),
    ...(await versionedPlaces('/usr/lib/postgresql', '')),
    ...(await versionedPlaces('/usr', 'pgsql-')),
    ...(await versionedPlaces('/opt/homebrew/opt', 'postgresql@')),
    ...(await versionedPlaces('/usr/local/opt', 'postgresql@')),
    ...(env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
  ];
}

/** What lies in each of these folders; those without PostgreSQL programs, and repeated ones, are left out. */
export async function inspectBindirs(places: string[]): Promise<PostgresBindir[]> {
  const seen = new Set<string>();
  const found: PostgresBindir[] = [];
  for (const place of places) {
    const real = await realpath(place).catch(() => undefined);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    const bindir = await inspectBindir(place);
    if (bindir !== undefined) found.push(bindir);
  }
  return found;
}

/** The major and the whole version in the answer of `postgres --version` or `pg_dump --version`. */
export function parsePostgresVersion(text: string): { major: number; version: string } | undefined {
  const match = /\(PostgreSQL\) ((\d+)[^\s]*)/.exec(text);
  return match?.[1] === undefined ? undefined : { version: match[1], major: Number(match[2]) };
}

async function inspectBindir(bindir: string): Promise<PostgresBindir | undefined> {
  if (!(await holdsAll(bindir, CLIENT_PROGRAMS))) return undefined;
  const isServer = await holdsAll(bindir, SERVER_PROGRAMS);
  // A folder of PATH without a server may hold wrappers that choose a version at every call; they are of no use here.
  if (!isServer && (await isWrapper(path.join(bindir, 'pg_dump')))) return undefined;
  const asked = await runCommand({
    file: path.join(bindir, isServer ? 'postgres' : 'pg_dump'),
    args: ['--version'],
  });
  const version = asked.code === 0 ? parsePostgresVersion(asked.stdout) : undefined;
  return version === undefined ? undefined : { bindir, ...version, isServer };
}

async function isWrapper(file: string): Promise<boolean> {
  return path.basename(await realpath(file)) !== path.basename(file);
}

async function holdsAll(folder: string, programs: string[]): Promise<boolean> {
  for (const program of programs) {
    try {
      await access(path.join(folder, program), constants.X_OK);
    } catch {
      return false;
    }
  }
  return true;
}

/** `<parent>/<prefix><version>/bin`, newest version first. */
async function versionedPlaces(parent: string, prefix: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+(\.\d+)?$/.test(name.slice(prefix.length)))
    .sort((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))
    .map((name) => path.join(parent, name, 'bin'));
}
