import { icon, productPicture } from './demoPictures.js';
import { LANGUAGES, paragraphs } from './demoText.js';
import { hashText } from './seededNumbers.js';
import { ODD_NAMES } from './demoMediaNames.js';
import { noiseRecording } from './noiseRecording.js';

/** What lies at one path of the media folder. Paths are relative, with `/`; the content comes in pieces. */
export type MediaEntry =
  | { kind: 'directory'; path: string }
  | { kind: 'file'; path: string; content: () => Iterable<Buffer> }
  | { kind: 'symlink' | 'hardlink'; path: string; target: string };

const CATEGORIES = [
  'outdoor & garden',
  'Möbel für draußen',
  'Κήπος και αυλή',
  'Сад и огород',
  '园艺',
  '庭いじり',
  'حديقة',
  '🌱 seedlings',
] as const;

const FIRST_INSTANT = Date.UTC(2025, 0, 6) / 1000;
const SECONDS_OF_TEN_MONTHS = 300 * 86_400;
const MEGABYTE = 1024 * 1024;

/** The entries of a demo media folder, the same on every machine; `share` is 1 for the full size, 0.1 for a tenth. */
export function planDemoMedia(share: number): MediaEntry[] {
  const entries = [
    ...productPictures(Math.round(560 * share)),
    ...thumbnails(Math.round(160 * share)),
    ...icons(Math.round(40 * share)),
    ...documents(Math.round(60 * share)),
    ...recordings(share),
    ...oddities(),
  ];
  return [...foldersAbove(entries), ...entries];
}

/** When an entry was last changed: whole seconds since 1970, made of its path. */
export function plannedChangeTime(path: string): number {
  return FIRST_INSTANT + (hashText(path) % SECONDS_OF_TEN_MONTHS);
}

function productPictures(count: number): MediaEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    const category = CATEGORIES[index % CATEGORIES.length] ?? CATEGORIES[0];
    const shelf = `shelf-${String(1 + (Math.floor(index / CATEGORIES.length) % 5)).padStart(2, '0')}`;
    const year = index % 3 === 0 ? '2024' : '2025';
    return file(`catalogue/${category}/${year}/${shelf}/product-${number}.png`, () => [
      productPicture(`product-${number}`, 240, 224),
    ]);
  });
}

function thumbnails(count: number): MediaEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    return file(`.thumbnails/${number.slice(0, 3)}x/product-${number}.png`, () => [
      productPicture(`product-${number}`, 64, 64),
    ]);
  });
}

function icons(count: number): MediaEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `icon-${index + 1}`;
    return file(`theme/icons/${name}.svg`, () => [Buffer.from(icon(name))]);
  });
}

function documents(count: number): MediaEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const language = LANGUAGES[index % LANGUAGES.length] ?? LANGUAGES[0];
    const name = `guide ${index + 1} (${language}).txt`;
    return file(`documents/guides/${language}/${name}`, () => [
      Buffer.from(paragraphs(name, language, 5 + (index % 30))),
    ]);
  });
}

/** One large file and four middling ones: 40 MB and 8 MB at full size. */
function recordings(share: number): MediaEntry[] {
  const middling = Array.from({ length: 4 }, (_, index) => {
    const name = `ambience-${index + 1}.wav`;
    return file(`recordings/ambience/${name}`, () => noiseRecording(name, Math.round(8 * MEGABYTE * share)));
  });
  const large = file('recordings/shop floor, one day.wav', () =>
    noiseRecording('shop floor', Math.round(40 * MEGABYTE * share)),
  );
  return [...middling, large];
}

/** What backup tools trip over: odd names, equal files, links, nothing at all. */
function oddities(): MediaEntry[] {
  const named = ODD_NAMES.map((name) =>
    file(`uploads/2025/11/${name}`, () => [Buffer.from(paragraphs(name, 'english', 3))]),
  );
  const equal = Array.from({ length: 6 }, (_, index) =>
    file(`uploads/2025/placeholders/copy-${index + 1}.png`, () => [productPicture('placeholder', 96, 96)]),
  );
  return [
    ...named,
    ...equal,
    file('uploads/2025/12/empty.txt', () => []),
    { kind: 'directory', path: 'uploads/incoming' },
    {
      kind: 'hardlink',
      path: 'uploads/2025/12/same as copy-1.png',
      target: 'uploads/2025/placeholders/copy-1.png',
    },
    { kind: 'symlink', path: 'uploads/latest.png', target: '2025/placeholders/copy-2.png' },
    { kind: 'symlink', path: 'uploads/this month', target: '2025/12' },
  ];
}

function file(path: string, content: () => Iterable<Buffer>): MediaEntry {
  return { kind: 'file', path, content };
}

/** Every folder that the entries lie in, each before what is in it. */
function foldersAbove(entries: MediaEntry[]): MediaEntry[] {
  const paths = new Set<string>();
  for (const { path } of entries) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, depth) => paths.add(names.slice(0, depth + 1).join('/')));
  }
  return [...paths].map((path) => ({ kind: 'directory', path }));
}
