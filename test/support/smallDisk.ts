import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A file system of little room: what does not fit on it fails with ENOSPC, as on any disk. */
export interface SmallDisk {
  /** A folder on it. */
  folder: string;
  /** Takes up all but so many bytes of its room. */
  fill(freeBytes: number): Promise<void>;
  /** Gives the room back. */
  empty(): Promise<void>;
  remove(): Promise<void>;
}

const smallEnough = 256 * 1024 * 1024;

/**
 * Makes one: in a mount namespace of its own, as root or, where the kernel lets people have namespaces, as anybody;
 * else, in a container that may mount nothing, of the container’s small /dev/shm. Throws where none can be had.
 */
export async function makeSmallDisk(bytes: number): Promise<SmallDisk> {
  const problems: string[] = [];
  for (const rights of [[], ['--user', '--map-root-user']]) {
    try {
      return await mountOne(bytes, rights);
    } catch (error: unknown) {
      problems.push(String(error));
    }
  }
  const { blocks, bsize } = await statfs('/dev/shm');
  if (blocks * bsize > smallEnough) throw new Error(`No small disk can be had here: ${problems.join('; ')}`);
  const folder = await mkdtemp('/dev/shm/holdfast-disk-');
  return diskIn(folder, () => rm(folder, { recursive: true, force: true }));
}

/** The mount vanishes with the process that holds it, which ends with this one; it is reached through /proc. */
async function mountOne(bytes: number, rights: string[]): Promise<SmallDisk> {
  const mountPoint = await mkdtemp(path.join(os.tmpdir(), 'holdfast-disk-'));
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'holdfast-test', mountPoint];
  const hold = `const { spawnSync } = require('node:child_process');
    const [program, ...args] = process.argv.slice(1);
    const { status, stderr } = spawnSync(program, args);
    console.log(status === 0 ? 'mounted' : String(stderr));
    if (status === 0) process.stdin.on('end', () => process.exit()).resume();`;
  const holder = spawn('unshare', [...rights, '--mount', process.execPath, '-e', hold, '--', ...mount], {
    stdio: 'pipe',
  });
  const remove = async () => {
    holder.kill('SIGKILL');
    await rm(mountPoint, { recursive: true, force: true });
  };
  const said = await firstWords(holder);
  if (said === 'mounted') return diskIn(`/proc/${holder.pid}/root${mountPoint}`, remove);
  await remove();
  throw new Error(said);
}

function firstWords(holder: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [holder.stdout, holder.stderr]) {
      stream?.on('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    }
    holder.once('error', (error) => resolve(error.message));
    holder.once('exit', (code) => resolve(`unshare ended with ${code}`));
  });
}

function diskIn(folder: string, remove: () => Promise<void>): SmallDisk {
  const filler = path.join(folder, 'filler');
  return {
    folder,
    remove,
    async fill(freeBytes) {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
    },
    empty: () => truncate(filler),
  };
}
