import type { DataSource } from 'typeorm';
import type { DatabasePartDocument, MediaPartDocument, Place } from '#schema/domain';
import { Backup, BackupPart, type Restore } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';

/** What is restored: the parts that were asked for, and where they lie. */
export interface SourceParts {
  /** Null where the restore switches back to what an earlier one replaced. */
  place: Place | null;
  database: DatabasePartDocument | null;
  media: MediaPartDocument | null;
}

/** Reads them from the catalogue; throws BACKUP_GONE where the backup is not there any more, or holds less. */
export async function sourcePartsOf(catalogue: DataSource, restore: Restore): Promise<SourceParts> {
  if (restore.way === 'SWITCH_BACK') return { place: null, database: null, media: null };
  const id = restore.sourceBackupId;
  const backup = id && (await catalogue.getRepository(Backup).findOneBy({ id }));
  if (!backup || backup.status !== 'SUCCEEDED') {
    throw new StepProblem('BACKUP_GONE', `The backup is no longer there: ${restore.sourceDescription}`);
  }
  const parts = await catalogue.getRepository(BackupPart).findBy({ backupId: backup.id });
  const found: SourceParts = {
    place: { projectId: backup.projectId, environmentId: backup.environmentId },
    database: null,
    media: null,
  };
  for (const { document } of parts) {
    if (!restore.contents.includes(document.content)) continue;
    if (document.content === 'DATABASE') found.database = document;
    else found.media = document;
  }
  for (const content of restore.contents) {
    const has = content === 'DATABASE' ? found.database : found.media;
    if (!has) throw new StepProblem('BACKUP_GONE', `The backup does not hold the ${content.toLowerCase()}`);
  }
  return found;
}
