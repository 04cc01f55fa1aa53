import fs from 'node:fs';
import { installPackages } from './installPackages.mjs';

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
  if (!installPackages('Chromium', ['chromium', 'fonts-noto-core'])) {
    process.stderr.write(`The browser tests need Chromium: ${remedy}.\n`);
    process.exit(1);
  }
  if (findChromium()) return;
  process.stderr.write(`Chromium could not be installed: ${remedy}.\n`);
  process.exit(1);
}
