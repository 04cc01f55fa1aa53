import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { acceleratorPath } from './acceleratorPath.js';

const source = fileURLToPath(
  new URL('../../../../../workflows/engines/postgres/accelerator/accelerator.c', import.meta.url),
);

/** Builds the accelerator where the machine has what that takes; without it dumps are compressed by zlib. */
async function build(): Promise<string> {
  if (process.platform !== 'linux') return 'no accelerator for dumps on this system';
  await rm(acceleratorPath, { force: true });
  try {
    const args = ['-O2', '-shared', '-fPIC', '-o', acceleratorPath, source, '-lisal', '-ldl'];
    await promisify(execFile)('cc', args);
    return 'the accelerator for dumps was built';
  } catch {
    return 'no accelerator for dumps: it takes a C compiler and the headers of ISA-L and zlib (docs/operations.md)';
  }
}

process.stdout.write(`${await build()}\n`);
