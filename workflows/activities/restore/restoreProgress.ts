import type { Restore } from '#schema/entities';
import type { SourceParts } from './sourceParts.js';

/** The steps of a restore, in their order. */
const restoreSteps = ['waiting', 'verify', 'safety', 'database', 'media', 'switch'] as const;
export type RestoreStepName = (typeof restoreSteps)[number];

/** Where a step stands in the whole. Bytes. */
export interface StepShare {
  beforeBytes: number;
  stepBytes: number;
  totalBytes: number;
}

/**
 * How much of the whole each step is, in bytes of the backup: the dump is read to be checked and again to be restored, the
 * safety backup is taken to be as large as what is restored. A database that is replaced in place is restored in the switch.
 */
export function shareOf(
  step: RestoreStepName,
  restore: Restore,
  { database, media }: SourceParts,
  inPlace: boolean,
): StepShare {
  const [dump, files] = [database?.size ?? 0, media?.size ?? 0];
  const bytes: Record<RestoreStepName, number> = {
    waiting: 0,
    verify: dump,
    safety: restore.wantsSafetyBackup && restore.way === 'BACKUP' ? dump + files : 0,
    database: inPlace ? 0 : dump,
    media: files,
    switch: inPlace ? dump : 0,
  };
  const before = restoreSteps.slice(0, restoreSteps.indexOf(step));
  const sum = (steps: readonly RestoreStepName[]) => steps.reduce((total, each) => total + bytes[each], 0);
  return { beforeBytes: sum(before), stepBytes: bytes[step], totalBytes: sum(restoreSteps) };
}
