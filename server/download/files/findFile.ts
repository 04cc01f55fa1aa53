import type { DataSource } from 'typeorm';
import { mayDo } from '#schema/domain';
import { Download, DownloadFile, Project } from '#schema/entities';
import { Access } from '../../access/access.js';
import { isUuid } from '../../access/isUuid.js';
import { isAliveNow } from '../isAliveNow.js';
import type { Asker, Wanted } from './whoAsks.js';

/** The file, or why there is none: `absent` for all who must not learn more. */
export type Found =
  | { download: Download; file: DownloadFile }
  | { ended: 'expired' | 'revoked'; slug: string | null }
  | 'absent';

/** Looks a file up for somebody who was told apart already. What is not there and what is not theirs are alike. */
export async function findFile(
  catalogue: DataSource,
  asker: Exclude<Asker, { by: null }>,
  { downloadId, name }: Wanted,
): Promise<Found> {
  const download =
    isUuid(downloadId) && !name.includes('\0')
      ? await catalogue.getRepository(Download).findOneBy({ id: downloadId })
      : null;
  if (!download || !(await mayHave(catalogue, asker, download)) || download.status !== 'SUCCEEDED')
    return 'absent';
  if (!isAliveNow(download)) {
    const project = asker.viewer
      ? await catalogue.getRepository(Project).findOneBy({ id: download.projectId })
      : null;
    return { ended: download.revokedAt ? 'revoked' : 'expired', slug: project?.slug ?? null };
  }
  const file = await catalogue.getRepository(DownloadFile).findOneBy({ downloadId: download.id, name });
  return file ? { download, file } : 'absent';
}

/** Asked at every click: whoever is no operator of the project any more gets nothing. */
async function mayHave(
  catalogue: DataSource,
  { viewer }: Pick<Asker, 'viewer'>,
  { projectId }: Download,
): Promise<boolean> {
  if (!viewer) return true;
  return mayDo(await new Access(catalogue, viewer).standing(projectId), 'download');
}
