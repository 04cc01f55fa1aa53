import type { LocationQuery } from 'vue-router';

/** Reads filters from the address: `text` as it stands, `word` as the API spells it, e.g. `on-demand` → `ON_DEMAND`. */
export function wordsFrom(query: LocationQuery) {
  const text = (name: string): string => (typeof query[name] === 'string' ? query[name] : '');
  const word = (name: string): string => text(name).toUpperCase().replaceAll('-', '_');
  return { text, word };
}

/** A word of the API as the address spells it, e.g. `ON_DEMAND` → `on-demand`. */
export function wordOf(value: string | null): string | undefined {
  return value?.toLowerCase().replaceAll('_', '-');
}
