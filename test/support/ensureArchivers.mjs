import { spawnSync } from 'node:child_process';
import { installPackages } from './installPackages.mjs';

/** Sees to it that archives can be read by more than one program, and certificates made, where the system has them to install. */
export function ensureArchivers() {
  const isThere = (program, ask) => spawnSync(program, [ask], { stdio: 'ignore' }).status === 0;
  const archivers = ['tar', 'bsdtar', 'python3'].every((program) => isThere(program, '--version'));
  if (archivers && isThere('openssl', 'version')) return;
  installPackages('tar, bsdtar, python3 and openssl', ['tar', 'libarchive-tools', 'python3', 'openssl']);
}
