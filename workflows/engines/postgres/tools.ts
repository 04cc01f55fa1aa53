import { access, constants, open, readdir, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Finding } from '#schema/domain';
import { run } from '../run.js';
import { StepProblem } from '../stepProblem.js';
import { findAccelerator } from './accelerator/findAccelerator.js';

/** The client programs of one PostgreSQL version. */
export interface ToolSet {
  /** Absolute paths of real binaries. */
  pgDump: string;
  pgRestore: string;
  /** E.g. `15.18`. */
  version: string;
  major: number;
  /** What can be preloaded into this pg_dump so that it compresses faster; null where there is nothing. */
  accelerator: string | null;
}

export interface ChosenTools extends ToolSet {
  /** Set where the tools are newer than the server. */
  warnings: Finding[];
}

/**
 * Finds the client programs in the given folders, then where systems keep them, then on the PATH; with `accelerate`
 * also what makes them faster.
 */
export async function findPostgresTools(
  bindirs: readonly string[],
  { accelerate = true }: { accelerate?: boolean } = {},
): Promise<PostgresTools> {
  const seen = new Set<string>();
  const found: ToolSet[] = [];
  for (const folder of [...bindirs, ...(await usualFolders()), ...(await foldersOnPath())]) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const tools = await toolsIn(folder, accelerate);
    if (tools) found.push(tools);
  }
  return new PostgresTools(found);
}

/** The client programs that are there; the first of a major version is used. */
export class PostgresTools {
  constructor(readonly found: readonly ToolSet[]) {}

  /** The tools of the server's own major version; with `allowNewer` the next newer ones, and a warning. */
  forMajor(major: number, { allowNewer = false }: { allowNewer?: boolean } = {}): ChosenTools {
    const exact = this.found.find((tools) => tools.major === major);
    if (exact) return { ...exact, warnings: [] };
    const newer = this.found.filter((tools) => tools.major > major).sort((a, b) => a.major - b.major)[0];
    if (allowNewer && newer) return { ...newer, warnings: [newerTools(newer.major, major)] };
    const versions = this.found.map(({ version }) => version).join(', ');
    const there = versions ? `only ${versions}` : 'none';
    throw new StepProblem(
      'DATABASE_VERSION',
      `The server runs PostgreSQL ${major}, and of its client tools (pg_dump, pg_restore) the worker has ${there}`,
    );
  }
}

function newerTools(tools: number, server: number): Finding {
  return {
    code: 'NEWER_TOOLS',
    message: `The dump was written by pg_dump ${tools} from a PostgreSQL ${server} server: restore it with pg_restore ${tools} or newer.`,
  };
}

async function toolsIn(folder: string, accelerate: boolean): Promise<ToolSet | null> {
  const [pgDump, pgRestore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')];
  if (!(await isBinary(pgDump)) || !(await isBinary(pgRestore))) return null;
  const version = await versionOf(pgDump);
  if (!version || version !== (await versionOf(pgRestore))) return null;
  const accelerator = accelerate ? await findAccelerator(pgDump) : null;
  return { pgDump, pgRestore, version, major: majorOf(version), accelerator };
}

/** A script that picks a version, as Debian has in /usr/bin, is not what runs the dump. */
async function isBinary(path: string): Promise<boolean> {
  try {
    const real = await realpath(path);
    await access(real, constants.X_OK);
    const handle = await open(real, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer.toString('latin1') !== '#!';
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

async function versionOf(program: string): Promise<string | null> {
  const said = await ask(program, ['--version']);
  return /\(PostgreSQL\) (\d+(?:\.\d+)*\S*)/.exec(said)?.[1] ?? null;
}

/** `15.18` is major 15; before 10 the first two numbers made the major version, all of which count as older. */
function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

async function usualFolders(): Promise<string[]> {
  const parents: ReadonlyArray<readonly [string, RegExp]> = [
    ['/usr/lib/postgresql', /^\d+$/],
    ['/usr', /^pgsql-\d+$/],
    ['/opt/homebrew/opt', /^(?:postgresql@\d+|libpq)$/],
    ['/usr/local/opt', /^(?:postgresql@\d+|libpq)$/],
  ];
  const folders = await Promise.all(
    parents.map(async ([parent, pattern]) => {
      const names = await readdir(parent).catch(() => []);
      return names.filter((name) => pattern.test(name)).map((name) => join(parent, name, 'bin'));
    }),
  );
  return folders.flat();
}

async function foldersOnPath(): Promise<string[]> {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const told = await Promise.all(
    onPath.map(async (folder) => {
      const program = join(folder, 'pg_config');
      const runs = await access(program, constants.X_OK).then(
        () => true,
        () => false,
      );
      return runs ? (await ask(program, ['--bindir'])).trim() : '';
    }),
  );
  return [...told.filter(Boolean), ...onPath];
}

async function ask(program: string, args: string[]): Promise<string> {
  try {
    const running = run({ program, args, signal: AbortSignal.timeout(10_000) });
    const [said] = await Promise.all([text(running.stdout), running.exit]);
    return said;
  } catch {
    return '';
  }
}
