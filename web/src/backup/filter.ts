import { backupKinds, stages, type BackupKind, type Stage } from '#schema/domain';
import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { wordOf, wordsFrom } from '../ui/addressWords.js';
import type { EnvironmentFacts } from '../project/queries.js';
import type { BackupFilter } from './list.js';

/** What the list is narrowed to, as the address of the page keeps it. */
export interface Narrowing {
  stage: Stage | null;
  kind: BackupKind | null;
  /** An environment's slug. */
  environment: string | null;
  search: string;
}

/** Reads the narrowing from the address; what it does not know, it leaves out. */
export function fromAddress(query: LocationQuery): Narrowing {
  const { text, word } = wordsFrom(query);
  return {
    stage: stages.find((each) => each === word('stage')) ?? null,
    kind: backupKinds.find((each) => each === word('kind')) ?? null,
    environment: text('environment') || null,
    search: text('search'),
  };
}

/** Writes the narrowing for the address, e.g. `?stage=live&kind=on-demand`. */
export function toAddress({ stage, kind, environment, search }: Narrowing): LocationQueryRaw {
  return {
    stage: wordOf(stage),
    kind: wordOf(kind),
    environment: environment ?? undefined,
    search: search || undefined,
  };
}

export const nothingNarrowed: Narrowing = { stage: null, kind: null, environment: null, search: '' };

/** Whether anything is narrowed at all. */
export function isNarrowed({ stage, kind, environment, search }: Narrowing): boolean {
  return Boolean(stage || kind || environment || search);
}

/** The filter for the API; undefined where all backups are wanted or an environment's id is not known yet. */
export function toFilter(
  narrowing: Narrowing,
  environments: readonly EnvironmentFacts[] | undefined,
): BackupFilter | undefined {
  const { stage, kind, environment, search } = narrowing;
  if (!isNarrowed(narrowing)) return undefined;
  const id = environments?.find((each) => each.slug === environment)?.id;
  return {
    ...(stage ? { stages: [stage] } : {}),
    ...(kind ? { kinds: [kind] } : {}),
    ...(environment ? { environmentIds: id ? [id] : [] } : {}),
    ...(search ? { search } : {}),
  };
}
