import type { Finding } from '#schema/domain';
import type { ArchiveEntry } from './archiveContents.js';
import type { Destination } from './destination.js';

/** Which entries pg_restore is to restore. */
export interface ChosenEntries {
  /** Their ids in order; null: all. */
  dumpIds: number[] | null;
  /** What is left out that somebody may miss. */
  warnings: Finding[];
}

/** Leaves out what only a superuser may make or say, where the role is none. */
export function entriesToRestore(entries: readonly ArchiveEntry[], there: Destination): ChosenEntries {
  if (there.isSuperuser) return { dumpIds: null, warnings: [] };
  const beyond = entries.filter((entry) => isBeyond(entry, there));
  if (beyond.length === 0) return { dumpIds: null, warnings: [] };
  const leftOut = new Set(beyond);
  return {
    dumpIds: entries.filter((entry) => !leftOut.has(entry)).map(({ dumpId }) => dumpId),
    warnings: beyond
      .filter(({ kind }) => kind !== 'COMMENT')
      .map(({ kind, name }) => ({
        code: 'OBJECT_LEFT_OUT',
        message: `The ${kind.toLowerCase()} “${name}” is left out: only superusers may create it, which “${there.role}” is not.`,
      })),
  };
}

function isBeyond({ kind, name, definition }: ArchiveEntry, { major }: Destination): boolean {
  switch (kind) {
    case 'COMMENT':
      // Before version 15 the schema “public” belongs to a superuser.
      return /^(?:EXTENSION|EVENT TRIGGER) /.test(name) || (name === 'SCHEMA public' && major < 15);
    case 'EVENT TRIGGER':
    case 'PUBLICATION TABLES IN SCHEMA':
      return true;
    case 'PUBLICATION':
      return / FOR ALL TABLES/.test(definition);
    default:
      return false;
  }
}
