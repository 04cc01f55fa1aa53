import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installPackages } from './installPackages.mjs';

const version = 'v1.8.0';
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'holdfast/tools');
const folder = path.join(cache, `versitygw-${version}`);
/** Go's own installer puts it where no PATH of a bare shell leads. */
const goPath = [process.env.PATH, '/usr/local/go/bin', '/usr/lib/go/bin'].filter(Boolean).join(':');
const places = [process.env.HOLDFAST_TEST_VERSITYGW, path.join(folder, 'versitygw')];

/** Where the S3 server of the tests is on this machine, or undefined. */
export function findVersitygw() {
  return places.find((place) => place && fs.existsSync(place));
}

/** Makes sure of versitygw, an S3 server, for the tests: built once by Go, and kept. Answers with the program. */
export function ensureVersitygw() {
  const found = findVersitygw();
  if (found) return found;
  if (!hasGo()) installPackages('Go', ['golang-go', 'ca-certificates']);
  process.stdout.write(`Building versitygw ${version}, the S3 server of the tests (go install)…\n`);
  fs.mkdirSync(cache, { recursive: true });
  // Beside its place first: a build that is cut off leaves nothing that looks whole.
  const building = fs.mkdtempSync(path.join(cache, 'versitygw-'));
  const { status } = spawnSync('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], {
    env: { ...process.env, PATH: goPath, GOBIN: building, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0 && !findVersitygw()) fs.renameSync(building, folder);
  fs.rmSync(building, { recursive: true, force: true });
  const built = findVersitygw();
  if (built) return built;
  process.stderr.write(
    'The S3 tests need versitygw, and it could not be built: install Go, or name the program in HOLDFAST_TEST_VERSITYGW.\n',
  );
  process.exit(1);
}

function hasGo() {
  return spawnSync('go', ['version'], { env: { ...process.env, PATH: goPath } }).status === 0;
}
