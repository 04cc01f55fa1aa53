/** The names of a key; throws a TypeError where the key could lead anywhere but below the storage's root. */
export function keyNames(key: string): string[] {
  const names = key.split('/');
  if (key.includes('\0') || names.some((name) => name === '' || name === '.' || name === '..')) {
    throw new TypeError(`Not a storage key: ${JSON.stringify(key)}`);
  }
  return names;
}

const mark = '.partial-';

/** The key under which a write is under way; `random` tells writers of the same key apart. */
export function partialKey(key: string, random: string): string {
  return `${key}${mark}${random}`;
}

/** Whether `name` is an unfinished write of the object called `of`. */
export function isPartialOf(name: string, of: string): boolean {
  return name.startsWith(`${of}${mark}`);
}

/** The key and the random of an unfinished write's own key; null where it is none. */
export function partialOf(key: string): { key: string; random: string } | null {
  const at = key.lastIndexOf(mark);
  return at > 0 ? { key: key.slice(0, at), random: key.slice(at + mark.length) } : null;
}
