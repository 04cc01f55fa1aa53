import { execFile, spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that people back folders up with today. */
export interface Archiver {
  name: string;
  /** Makes a place without any backup. */
  begin(): Promise<void>;
  /** Makes the next backup; seconds. */
  backUp(): Promise<number>;
}

/** Waits until nothing that others wrote is on its way to the disk: who syncs would wait for it as well. */
export async function quietDisk(): Promise<void> {
  await secondsOf('sync', [], {});
}

/** GNU tar into a file, with the time of `sync` told apart. */
export function tar(source: string, folder: string): Archiver & { syncSeconds: number[] } {
  const file = path.join(folder, 'media.tar');
  const syncSeconds: number[] = [];
  return {
    name: 'tar',
    syncSeconds,
    begin: () => rm(file, { force: true }),
    async backUp() {
      const seconds = await secondsOf('tar', ['-cf', file, '-C', source, '.'], {});
      syncSeconds.push(await secondsOf('sync', [file], {}));
      return seconds;
    },
  };
}

/** Those of restic and borg that the machine has. */
export function deduplicating(source: string, folder: string): Archiver[] {
  return [restic(source, folder), borg(source, folder)].filter(
    ({ name }) => spawnSync(name, ['version'], { stdio: 'ignore' }).error === undefined,
  );
}

function restic(source: string, folder: string): Archiver {
  const [repository, cache] = [path.join(folder, 'restic'), path.join(folder, 'restic-cache')];
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: cache, RESTIC_REPOSITORY: repository };
  return {
    name: 'restic',
    async begin() {
      await rm(repository, { recursive: true, force: true });
      await rm(cache, { recursive: true, force: true });
      await secondsOf('restic', ['init', '--quiet'], env);
    },
    backUp: () => secondsOf('restic', ['backup', '--quiet', source], env),
  };
}

/** Without encryption and compression: neither would help these files. */
function borg(source: string, folder: string): Archiver {
  const [repository, base] = [path.join(folder, 'borg'), path.join(folder, 'borg-base')];
  const env = {
    BORG_BASE_DIR: base,
    BORG_REPO: repository,
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  };
  let count = 0;
  return {
    name: 'borg',
    async begin() {
      await rm(repository, { recursive: true, force: true });
      await rm(base, { recursive: true, force: true });
      await mkdir(base, { recursive: true });
      await secondsOf('borg', ['init', '--encryption', 'none'], env);
    },
    backUp() {
      count += 1;
      return secondsOf('borg', ['create', '--compression', 'none', `::${count}`, source], env);
    },
  };
}

async function secondsOf(program: string, args: string[], env: Record<string, string>): Promise<number> {
  const begun = performance.now();
  await run(program, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
  return (performance.now() - begun) / 1000;
}
