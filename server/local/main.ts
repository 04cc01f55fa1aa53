import { rm } from 'node:fs/promises';
import { dataFolderAt, makeDataFolder } from './dataFolder.js';
import { lockDataFolder } from './lock.js';
import { oneLine, Refusal } from './refusal.js';
import { Running } from './running.js';
import { readSettings, type Settings } from './settings.js';
import { startHoldfast } from './startHoldfast.js';
import { listenForStop, type StopRequest } from './stopRequest.js';

/**
 * Runs Holdfast on one machine until it is asked to stop; sets the exit code: 0 after a stop, 1 where it could not
 * start (with one line that says what to do), and the signal's own where it was stopped before it was ready.
 */
export async function main(projectFolder: string): Promise<void> {
  const stop = listenForStop();
  // A terminal that is gone must not end what goes on running, nor its orderly end.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    await runUntilStopped(readSettings(process.env, projectFolder), projectFolder, stop);
    process.exitCode = 0;
  } catch (error: unknown) {
    process.exitCode = exitCodeFor(error, stop);
  }
  // Nothing of ours runs any more; a connection that some library keeps open must not hold the process.
  process.exit();
}

async function runUntilStopped(settings: Settings, projectFolder: string, stop: StopRequest): Promise<void> {
  const folder = dataFolderAt(settings.dataFolder);
  await makeDataFolder(folder);
  const lock = await lockDataFolder(folder.lock, folder.root);
  const running = new Running(stop.hurry);
  try {
    await rm(folder.ready, { force: true });
    await startHoldfast({ settings, folder, projectFolder, running, signal: stop.signal, env: process.env });
    await aborted(stop.signal);
  } finally {
    await rm(folder.ready, { force: true });
    await running.stop();
    await rm(folder.processes, { force: true });
    await lock.release();
  }
}

function exitCodeFor(error: unknown, stop: StopRequest): number {
  const interrupted = stop.exitCode();
  if (interrupted !== undefined) return interrupted;
  const details = error instanceof Refusal || !(error instanceof Error) ? '' : `\n${error.stack ?? ''}`;
  process.stderr.write(
    `${error instanceof Refusal ? error.message : `Holdfast could not start: ${oneLine(error)}.${details}`}\n`,
  );
  return 1;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
