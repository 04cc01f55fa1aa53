import { spawnSync } from 'node:child_process';
import { installPackages } from './installPackages.mjs';

/** Sees to it that disks can be made to fail, where the system has a strace to install. */
export function ensureStrace() {
  const isThere = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0;
  if (!isThere && process.platform === 'linux') installPackages('strace', ['strace']);
}
