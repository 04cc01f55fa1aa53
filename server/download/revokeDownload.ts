import { refusals } from '#schema/domain';
import { Download } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { audit } from './audit.js';
import { doerOf } from './doerOf.js';

/** Takes a download’s files back before their time: from the commit on nobody gets them. */
export async function revokeDownload(context: Context, id: string): Promise<Download> {
  const download = await context.access.download(id);
  if (!download) throw new Refused(refusals.notFound('Download', ['id']));
  await refuseUnless(context, download.projectId, 'revokeDownload');
  return context.catalogue.transaction(async (manager) => {
    const { affected } = await manager
      .createQueryBuilder()
      .update(Download)
      .set({ revokedAt: () => 'now()' })
      .where(`id = :id AND status = 'SUCCEEDED' AND revoked_at IS NULL AND expires_at > now()`, {
        id: download.id,
      })
      .execute();
    if (!affected) throw new Refused(refusals.notRevocable());
    await audit(manager, 'revokeDownload', download, doerOf(context), {});
    return manager.findOneByOrFail(Download, { id: download.id });
  });
}
