// Installs the packages and builds the sources, each only when something changed. No dependencies: see start.mjs.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runStep } from './runStep.mjs';
import { withInstallLock } from './installLock.mjs';

export { InstallProblem } from './runStep.mjs';

const SOURCES = ['schema', 'server', 'workflows', 'web', 'tsconfig.json', 'package.json'];
const NOT_SOURCES = new Set(['node_modules', 'dist', '.git', 'output']);

/**
 * Makes sure that node_modules fits package.json and package-lock.json; runs `npm install` only when it does not.
 * A cut-off install has no stamp and is done again. Options: `signal` (AbortSignal) ends npm and rejects.
 */
export async function ensureInstalled(root, { signal } = {}) {
  if (isInstalled(root)) return;
  await withInstallLock(root, { signal }, async () => {
    if (isInstalled(root)) return;
    const stamp = installStampFile(root);
    fs.rmSync(stamp, { force: true });
    await runStep('Installing packages (npm install; about a minute the first time)', {
      // Development packages hold the compiler, so they are wanted even where NODE_ENV says production.
      ...npmCommand([
        'install',
        '--include=dev',
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--no-progress',
        '--loglevel=error',
      ]),
      cwd: root,
      signal,
      remedy: 'check the network and the disk space, and start again',
    });
    writeStamp(stamp, packagesHash(root));
  });
}

/**
 * Makes sure that dist/ fits the sources; compiles and bundles only when a source file's name, size or time changed.
 * Options: `signal` (AbortSignal) ends the build and rejects.
 */
export async function ensureBuilt(root, { signal } = {}) {
  if (isBuilt(root)) return;
  await withInstallLock(root, { signal }, async () => {
    if (isBuilt(root)) return;
    const stamp = buildStampFile(root);
    // Taken before the build: a file saved while it runs is then seen as changed at the next start.
    const hash = sourcesHash(root);
    fs.rmSync(stamp, { force: true });
    const remedy = 'correct the sources, or restore them with git, and start again';
    await runStep('Compiling (tsc)', {
      file: process.execPath,
      args: [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'],
      cwd: root,
      signal,
      remedy,
    });
    await runStep('Bundling the workflows', {
      file: process.execPath,
      args: [path.join(root, 'dist/workflows/bundle.js')],
      cwd: root,
      signal,
      remedy,
    });
    await runStep('Bundling the web app (vite)', {
      file: process.execPath,
      args: [
        path.join(root, 'node_modules/vite/bin/vite.js'),
        'build',
        '-c',
        'web/vite.config.ts',
        '--logLevel',
        'warn',
      ],
      cwd: root,
      signal,
      remedy,
    });
    writeStamp(stamp, hash);
  });
}

function isInstalled(root) {
  return readStamp(installStampFile(root)) === packagesHash(root);
}

function isBuilt(root) {
  return readStamp(buildStampFile(root)) === sourcesHash(root);
}

function installStampFile(root) {
  return path.join(root, 'node_modules', '.holdfast-install');
}

function buildStampFile(root) {
  return path.join(root, 'dist', '.stamp');
}

/** The hash of what decides which packages are installed; native packages also depend on the platform. */
function packagesHash(root) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const name of ['package.json', 'package-lock.json']) {
    const file = path.join(root, name);
    hash.update(fs.existsSync(file) ? fs.readFileSync(file) : '');
  }
  return hash.digest('hex');
}

/** The hash of every source file's path, size and time of change; contents are not read, so that a start stays fast. */
export function sourcesHash(root) {
  const hash = createHash('sha256').update(packagesHash(root));
  for (const name of SOURCES) addToHash(hash, root, name);
  return hash.digest('hex');
}

function addToHash(hash, root, relative) {
  const stat = fs.statSync(path.join(root, relative), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    hash.update(`${relative}\0${stat.size}\0${stat.mtimeMs}\n`);
    return;
  }
  for (const name of fs.readdirSync(path.join(root, relative)).sort()) {
    if (!NOT_SOURCES.has(name)) addToHash(hash, root, `${relative}/${name}`);
  }
}

function readStamp(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
}

function writeStamp(file, hash) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  fs.writeFileSync(temporary, `${hash}\n`);
  fs.renameSync(temporary, file);
}

/** Under `npm start` the npm in use names itself; otherwise npm is looked for on PATH. */
function npmCommand(args) {
  const current = process.env.npm_execpath || '';
  if (path.basename(current) === 'npm-cli.js') return { file: process.execPath, args: [current, ...args] };
  return { file: 'npm', args };
}
