import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const places = [
  process.env.HOLDFAST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Where a Chromium is on this machine, or undefined. */
export function findChromium() {
  return places.find((place) => place && fs.existsSync(place));
}

/** Makes sure that there is a Chromium: installs the distribution's where that may be done. */
export function ensureChromium() {
  if (findChromium()) return;
  const remedy = 'install Chromium (apt install chromium) or name one in HOLDFAST_CHROMIUM';
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    process.stderr.write(`The browser tests need Chromium: ${remedy}.\n`);
    process.exit(1);
  }
  process.stdout.write('Installing Chromium (apt-get)…\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-core'],
  ]) {
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (findChromium()) return;
  process.stderr.write(`Chromium could not be installed: ${remedy}.\n`);
  process.exit(1);
}
