import { refusals } from '#schema/domain';
import type { Download } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { slugsOf } from '../restore/slugsOf.js';
import { askForDownload, startAsked } from './askForDownload.js';
import { isAliveNow } from './isAliveNow.js';

/**
 * Makes an expired or revoked download anew: another row for the same contents of the same backup, or one that somebody
 * has asked for meanwhile, with a mail to the caller.
 */
export async function reissueDownload(context: Context, id: string): Promise<Download> {
  const ended = await context.access.download(id);
  if (!ended) throw new Refused(refusals.notFound('Download', ['id']));
  await refuseUnless(context, ended.projectId, 'prepareDownload');
  const { sourceBackupId: sourceId, contents } = ended;
  if (ended.status !== 'SUCCEEDED' || isAliveNow(ended)) throw new Refused(refusals.notReissuable());
  const where = await slugsOf(context, ended);
  const asked =
    sourceId &&
    (await context.catalogue.transaction((manager) =>
      askForDownload(context, manager, {
        sourceId,
        where,
        contents,
        email: true,
        deed: 'reissueDownload',
        details: { of: ended.id },
      }),
    ));
  if (!asked) throw new Refused(refusals.backupGone(['id']));
  await startAsked(context, asked);
  return asked;
}
