import { createCipheriv, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const mebibyte = 1024 * 1024;
const medianBytes = 30 * 1024;
const spread = 1;
const largeShare = 0.75;
const perFolder = 200;

/** A folder of files as hosted projects have them: many small ones, a few large ones, none of which shrinks. */
export interface MediaTree {
  folder: string;
  bytes: number;
  files: number;
}

/** Makes one of about so many bytes: most files small (lognormal around 30 KB), three quarters of the bytes in few. */
export function makeMediaTree(folder: string, small: number, large: number, bytes: number): MediaTree {
  const source = randomness();
  let made = 0;
  const put = (name: string, size: number) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), source(size));
    made += size;
  };
  for (let index = 0; index < small; index += 1) put(smallName(index), smallSize(index));
  const left = Math.max(bytes - made, bytes * largeShare * 0.1);
  for (let index = 0; index < large; index += 1) put(`video/${index}.mp4`, Math.round(left / large));
  return { folder, bytes: made, files: small + large };
}

/** Gives so many of the small files new content, other ones each round; answers with their bytes. */
export function changeFiles({ folder }: MediaTree, small: number, count: number, round: number): number {
  const source = randomness();
  let bytes = 0;
  for (let each = 0; each < count; each += 1) {
    const index = (each * Math.floor(small / count) + round) % small;
    const content = source(smallSize(index));
    writeFileSync(path.join(folder, smallName(index)), content);
    bytes += content.length;
  }
  return bytes;
}

/** Seconds that asking for every file’s facts takes: nobody can know sooner that nothing has changed. */
export function walkSeconds({ folder }: MediaTree): number {
  const begun = performance.now();
  const walk = (at: string) => {
    for (const name of readdirSync(at)) {
      const inner = path.join(at, name);
      if (lstatSync(inner, { bigint: true }).isDirectory()) walk(inner);
    }
  };
  walk(folder);
  return (performance.now() - begun) / 1000;
}

function smallName(index: number): string {
  return `${Math.floor(index / perFolder)}/${index}.jpg`;
}

/** Reads all of it, so that whoever copies it next finds it in memory, whoever came before. */
export function readTree({ folder }: MediaTree): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) readFileSync(path.join(entry.parentPath, entry.name));
  }
}

/** The same for each index in each run. */
function smallSize(index: number): number {
  const uniform = (of: number) => ((Math.imul(of + 1, 2_654_435_761) >>> 0) + 1) / 2 ** 32;
  const [u, v] = [uniform(index), uniform(index + 1_000_003)];
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  return Math.min(mebibyte, Math.max(200, Math.round(medianBytes * Math.exp(spread * normal))));
}

/** Random bytes without end, quickly. */
function randomness(): (size: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  return (size) => cipher.update(Buffer.alloc(size));
}
