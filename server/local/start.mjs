// `npm start` begins here: plain JavaScript without dependencies, because nothing is installed yet on a fresh clone.
// It checks the machine, installs and builds what is missing, and hands over to the supervisor (main.ts).

import { nodeIsSupported } from './nodeVersion.mjs';

async function start() {
  if (!nodeIsSupported(process.versions.node)) {
    return refuse(
      `Holdfast needs Node 20.19 or later, 22.13 or later, or 24.11 or later, and this is Node ${process.versions.node}: install one of these and start again.`,
    );
  }
  if (process.platform === 'win32') {
    return refuse('Holdfast runs on Linux and macOS: on Windows, start it inside WSL.');
  }
  const { ensureInstalled, ensureBuilt, InstallProblem } = await import('./install.mjs');
  const { fileURLToPath } = await import('node:url');
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const interrupted = new AbortController();
  const interrupt = (name) => interrupted.abort(name);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, interrupt);
  try {
    await ensureInstalled(root, { signal: interrupted.signal });
    await ensureBuilt(root, { signal: interrupted.signal });
  } catch (error) {
    if (interrupted.signal.aborted) return exitAsInterrupted(interrupted.signal.reason);
    if (error instanceof InstallProblem) return refuse(error.message);
    throw error;
  }
  const { main } = await import('../../dist/server/local/main.js');
  // The supervisor listens for the same signals from its first line on. Our listeners stay, because a signal that came
  // while its modules were loading is delivered only afterwards, and without a listener in place it would be lost.
  if (interrupted.signal.aborted) return exitAsInterrupted(interrupted.signal.reason);
  await main(root);
}

function refuse(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

function exitAsInterrupted(signalName) {
  process.exitCode = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signalName] || 1;
}

start();
