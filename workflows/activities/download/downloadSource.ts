import type { DataSource, EntityManager } from 'typeorm';
import type { DatabasePartDocument, MediaPartDocument, Place } from '#schema/domain';
import { Backup, BackupPart, type Download } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';

/** What a download is made of: the parts that were asked for, and where they lie. */
export interface DownloadSource {
  place: Place;
  takenAt: Date;
  database: DatabasePartDocument | null;
  media: MediaPartDocument | null;
}

/** Reads it from the catalogue; throws BACKUP_GONE where the backup is not there any more, or holds less. */
export async function downloadSourceOf(
  catalogue: DataSource,
  { sourceBackupId: id, sourceDescription, contents }: Download,
): Promise<DownloadSource> {
  const backup = id === null ? null : await catalogue.getRepository(Backup).findOneBy({ id });
  if (backup?.status !== 'SUCCEEDED' || backup.takenAt === null) throw backupGone(sourceDescription);
  const parts = await catalogue.getRepository(BackupPart).findBy({ backupId: backup.id });
  const found: DownloadSource = {
    place: { projectId: backup.projectId, environmentId: backup.environmentId },
    takenAt: backup.takenAt,
    database: null,
    media: null,
  };
  for (const { document } of parts) {
    if (!contents.includes(document.content)) continue;
    if (document.content === 'DATABASE') found.database = document;
    else found.media = document;
  }
  for (const content of contents) {
    const has = content === 'DATABASE' ? found.database : found.media;
    if (!has) throw new StepProblem('BACKUP_GONE', `The backup does not hold the ${content.toLowerCase()}`);
  }
  return found;
}

/** Keeps the backup as it is until the transaction ends; throws BACKUP_GONE where it is not there any more. */
export async function holdSource(
  manager: EntityManager,
  { sourceBackupId, sourceDescription }: Download,
): Promise<void> {
  const [there] = await manager.query<unknown[]>(
    `SELECT FROM backups WHERE id = $1 AND status = 'SUCCEEDED' FOR SHARE`,
    [sourceBackupId],
  );
  if (!there) throw backupGone(sourceDescription);
}

function backupGone(description: string): StepProblem {
  return new StepProblem('BACKUP_GONE', `The backup is no longer there: ${description}`);
}
