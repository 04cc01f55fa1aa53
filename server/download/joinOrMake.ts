import type { EntityManager } from 'typeorm';
import { sourceInWords, type Content } from '#schema/domain';
import { Backup, Download } from '#schema/entities';
import type { Context } from '../graph/context.js';

/** What is wanted of which backup, and where that is of (`project/environment`). */
export interface Wish {
  sourceId: string;
  where: string;
  contents: Content[];
}

/**
 * The download of these contents of the backup: one that is being prepared or whose files are there is joined, and in
 * the latter case stays as long as a new one would; else a new row. Null where the backup is gone. Whoever asks for the
 * same at the same moment waits until the transaction has ended, with a connection each: in here nothing may ask for a
 * second one.
 */
export async function joinOrMake(
  context: Context,
  manager: EntityManager,
  { sourceId, where, contents }: Wish,
): Promise<{ download: Download; joined: boolean } | null> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`download ${sourceId}`]);
  const source = await manager.findOne(Backup, {
    where: { id: sourceId },
    lock: { mode: 'for_key_share' },
  });
  if (!source) return null;
  const there = await findJoinable(manager, sourceId, contents);
  if (there) {
    if (there.status === 'SUCCEEDED')
      await prolong(manager, there, context.tools.settings.HOLDFAST_DOWNLOAD_HOURS);
    return { download: there, joined: true };
  }
  const download = await manager.save(
    manager.create(Download, {
      projectId: source.projectId,
      environmentId: source.environmentId,
      requestedById: context.signedIn().user.id,
      sourceBackupId: source.id,
      sourceDescription: sourceInWords(where, source.takenAt ?? source.createdAt, source.note),
      contents,
    }),
  );
  return { download, joined: false };
}

/** Held until the transaction ends, so that it neither ends nor is revoked before who joins is written down. */
async function findJoinable(
  manager: EntityManager,
  sourceId: string,
  contents: Content[],
): Promise<Download | null> {
  return manager
    .getRepository(Download)
    .createQueryBuilder('download')
    .setLock('pessimistic_write')
    .where('download.sourceBackupId = :sourceId AND download.contents = :contents', { sourceId, contents })
    .andWhere(
      `(download.status IN ('QUEUED', 'RUNNING') AND download.cancelRequestedAt IS NULL
        OR download.status = 'SUCCEEDED' AND download.revokedAt IS NULL AND download.expiresAt > now())`,
    )
    .orderBy('download.createdAt', 'DESC')
    .limit(1)
    .getOne();
}

async function prolong(manager: EntityManager, { id }: Download, hours: number): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(Download)
    .set({ expiresAt: () => `greatest(expires_at, now() + make_interval(hours => :hours))` })
    .where('id = :id', { id })
    .setParameter('hours', hours)
    .execute();
}
