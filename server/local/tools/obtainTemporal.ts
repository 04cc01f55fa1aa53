import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { oneLine, Refusal } from '../refusal.js';
import { runCommand } from '../runCommand.js';
import { say } from '../say.js';
import { downloadTemporal, temporalFolderName } from './downloadTemporal.js';
import { installWheel, wheelFolderName } from './installWheel.js';
import { DownloadProblem } from './pythonDownload.js';
import { isUsable } from './toolsFolder.js';
import { TEMPORAL_WHEEL } from './wheels.js';

// Earlier dev servers lack what Holdfast's workflows use (task priorities).
const OLDEST = [1, 5] as const;

/** Where to look for the Temporal command line. */
export interface TemporalWanted {
  useMachineTools: boolean;
  toolsFolders: string[];
  env: NodeJS.ProcessEnv;
}

/** The path of a `temporal` program that runs, found or fetched; throws a Refusal that says what to install. */
export async function obtainTemporal(wanted: TemporalWanted, signal: AbortSignal): Promise<string> {
  for (const place of temporalPlaces(wanted)) {
    if (await isFit(place)) return place;
  }
  for (const folder of wanted.toolsFolders) {
    if (await isUsable(folder)) return await fetchTemporal(folder, signal);
  }
  throw new Refusal(notFetched(`there is no folder for it (${wanted.toolsFolders.join(', ')})`));
}

/** Tells whether a Temporal command line with this answer to --version is new enough. */
export function isNewEnough(answer: string): boolean {
  const match = /temporal version (\d+)\.(\d+)/.exec(answer);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function temporalPlaces(wanted: TemporalWanted): string[] {
  const onPath = (wanted.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return [
    ...(wanted.useMachineTools ? onPath.map((folder) => path.join(folder, 'temporal')) : []),
    ...wanted.toolsFolders.flatMap((folder) => [
      inWheel(folder),
      path.join(folder, temporalFolderName(), 'temporal'),
    ]),
  ];
}

async function isFit(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
  } catch {
    return false;
  }
  const { code, stdout } = await runCommand({ file: program, args: ['--version'] });
  if (code !== 0) return false;
  if (isNewEnough(stdout)) return true;
  say(`Passing over ${program}: it is older than ${OLDEST.join('.')} (${oneLine(stdout.trim())}).`);
  return false;
}

async function fetchTemporal(folder: string, signal: AbortSignal): Promise<string> {
  try {
    await installWheel(TEMPORAL_WHEEL, folder, `the Temporal dev server ${TEMPORAL_WHEEL.version}`, signal);
    return inWheel(folder);
  } catch (error: unknown) {
    if (!(error instanceof DownloadProblem)) throw error;
    say(`It could not be fetched as a Python wheel (${error.message}); trying Temporal's own download…`);
    try {
      return path.join(await downloadTemporal(folder, signal), 'temporal');
    } catch (second: unknown) {
      signal.throwIfAborted();
      throw new Refusal(notFetched(`${error.message}; ${oneLine(second)}`));
    }
  }
}

function inWheel(toolsFolder: string): string {
  return path.join(toolsFolder, wheelFolderName(TEMPORAL_WHEEL), ...TEMPORAL_WHEEL.programs);
}

function notFetched(why: string): string {
  return (
    `The Temporal dev server is not on this machine and could not be fetched: ${why}; ` +
    'put the program temporal on PATH and start again, or set TEMPORAL_ADDRESS.'
  );
}
