import { createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { runCommand } from '../runCommand.js';
import { installInto } from './toolsFolder.js';

const VERSION = '1.9.1';
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/** The folder name of a Temporal that came from Temporal's own download. */
export function temporalFolderName(): string {
  return `temporal-cli-${VERSION}-${process.platform}-${process.arch}`;
}

/**
 * Fetches the Temporal command line from its makers' own address and answers its folder; it has run once.
 * Rejects where the address cannot be reached or what came does not run.
 */
export async function downloadTemporal(toolsFolder: string, signal: AbortSignal): Promise<string> {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`there is no download for ${process.arch}`);
  const url = `https://temporal.download/cli/archive/v${VERSION}?platform=${process.platform}&arch=${architecture}`;
  const runs = (folder: string): Promise<boolean> => temporalRuns(folder, signal);
  return installInto(toolsFolder, temporalFolderName(), runs, async (_work, result) => {
    const answer = await fetch(url, { signal }).catch(() => undefined);
    if (answer === undefined) throw new Error('temporal.download cannot be reached');
    if (!answer.ok) throw new Error(`temporal.download answered ${answer.status}`);
    await unpackProgram(
      Readable.from([Buffer.from(await answer.arrayBuffer())]),
      path.join(result, 'temporal'),
    );
    await chmod(result, 0o755);
    if (!(await runs(result))) throw new Error('what temporal.download sent does not run on this machine');
  });
}

/** Writes the one program out of a gzipped tar archive; rejects where the archive is damaged or has none. */
export async function unpackProgram(archive: Readable, file: string): Promise<void> {
  const unpack = extract();
  const unpacked = pipeline(archive, createGunzip(), unpack);
  // Awaited below; a failure before that must not count as unhandled.
  unpacked.catch(() => undefined);
  let found = false;
  for await (const entry of unpack) {
    if (entry.header.type === 'file' && path.basename(entry.header.name) === 'temporal') {
      await pipeline(entry, createWriteStream(file));
      await chmod(file, 0o755);
      found = true;
    } else {
      entry.resume();
    }
  }
  await unpacked;
  if (!found) throw new Error('the archive holds no program temporal');
}

async function temporalRuns(folder: string, signal: AbortSignal): Promise<boolean> {
  const { code } = await runCommand({ file: path.join(folder, 'temporal'), args: ['--version'] }, { signal });
  return code === 0;
}
