import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readIfThere } from './files.js';
import { commandLineOf } from './processIdentity.js';
import { oneLine, Refusal } from './refusal.js';
import { commandAs, type RunAs } from './runAs.js';
import { runCommand } from './runCommand.js';
import { say } from './say.js';

const UNFINISHED = 'unfinished-';
const END_WITHIN_MS = 30_000;

/** The superuser of the embedded PostgreSQL. */
export const SUPERUSER = 'postgres';

/** The folder of the cluster inside the embedded PostgreSQL's own folder. */
export function clusterFolder(folder: string): string {
  return path.join(folder, 'cluster');
}

/** The major that made the cluster; undefined where there is none yet. */
export async function clusterMajor(folder: string): Promise<number | undefined> {
  const text = await readIfThere(path.join(clusterFolder(folder), 'PG_VERSION'));
  return text === undefined ? undefined : Number(text.trim());
}

/** Makes the folder that the cluster lies in, owned by the user who runs PostgreSQL and closed to others. */
export async function makeClusterParent(folder: string, runAs: RunAs): Promise<void> {
  await mkdir(folder, { recursive: true });
  await giveTo(folder, runAs);
  await chmod(folder, 0o700);
}

/**
 * Makes a cluster where there is none, in one step: one that was cut off is never taken for a good one.
 * The superuser's password goes in by a file that exists only meanwhile.
 */
export async function makeCluster(
  folder: string,
  bindir: string,
  runAs: RunAs,
  superuserPassword: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
  if ((await clusterMajor(folder)) !== undefined) return;
  say('Making the database cluster…');
  const work = path.join(folder, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
  await mkdir(work, { mode: 0o700 });
  const passwordFile = path.join(work, 'password');
  await writeFile(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
  await giveTo(passwordFile, runAs);
  await giveTo(work, runAs);
  const made = path.join(work, 'cluster');
  const args = [
    ...['-D', made, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    // The C library's own UTF-8 order where it is sure to be there: it needs no installed locale and never changes.
    ...['--encoding=UTF8', process.platform === 'linux' ? '--locale=C.UTF-8' : '--no-locale'],
  ];
  const result = await runCommand(
    commandAs(runAs, { file: path.join(bindir, 'initdb'), args, env, cwd: '/' }),
    {
      signal,
    },
  );
  await rm(passwordFile, { force: true });
  if (result.code !== 0) {
    throw new Refusal(`The database cluster could not be made: ${oneLine(initdbProblem(result.stderr))}.`);
  }
  await rename(made, clusterFolder(folder));
  await rm(work, { recursive: true, force: true });
}

/**
 * Makes way for a new start: ends a PostgreSQL of this cluster that outlived its Holdfast, and removes a pid file
 * whose number belongs to another program by now (PostgreSQL itself would refuse to start).
 */
export async function clearLeftoverPostmaster(folder: string): Promise<void> {
  const cluster = clusterFolder(folder);
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = Number((await readIfThere(pidFile))?.split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  if (!(await commandLineOf(pid)).includes(cluster)) {
    await rm(pidFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  const giveUp = Date.now() + END_WITHIN_MS;
  while ((await commandLineOf(pid)).includes(cluster)) {
    if (Date.now() > giveUp) {
      throw new Refusal(
        `An earlier PostgreSQL (process ${pid}) still uses ${cluster} and does not end: end it first.`,
      );
    }
    await delay(100);
  }
}

/** Gives a file or folder to the user who runs PostgreSQL. */
async function giveTo(file: string, runAs: RunAs): Promise<void> {
  if (runAs.kind !== 'self') await chown(file, runAs.uid, runAs.gid);
}

function initdbProblem(stderr: string): string {
  if (stderr.includes('could not look up effective user ID')) {
    return `PostgreSQL needs a user that has a name: add user id ${process.getuid?.()} to /etc/passwd, or start Holdfast as another user`;
  }
  const lines = stderr.trim().split('\n');
  return lines.find((line) => /(error|fatal):/i.test(line)) ?? lines.at(-1) ?? 'initdb failed';
}
