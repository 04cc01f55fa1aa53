import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { installPackages } from './installPackages.mjs';

const packages = ['gcc', 'libc6-dev', 'libisal-dev', 'zlib1g-dev'];

/**
 * Sees to it that the accelerator for dumps is tested where it can be had: what it is built from is installed. Elsewhere
 * the tests run without it, as dumps do.
 */
export function ensureAccelerator(root) {
  const built = path.join(root, 'dist/workflows/engines/postgres/accelerator');
  if (process.platform !== 'linux' || fs.existsSync(path.join(built, 'accelerator.so'))) return;
  if (installPackages('what the accelerator for dumps is built from', packages)) {
    execFileSync(process.execPath, [path.join(built, 'build.js')], { stdio: 'inherit' });
  }
}
