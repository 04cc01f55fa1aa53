import type { EntityManager } from 'typeorm';
import { Download, DownloadMail } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { startOfJob } from '../jobs/startOfJob.js';
import { askForMail } from './askForMail.js';
import { audit, type DownloadDeed } from './audit.js';
import { doerOf } from './doerOf.js';
import { isAliveNow } from './isAliveNow.js';
import { joinOrMake, type Wish } from './joinOrMake.js';
import { startOfMail } from './startOfMail.js';

/** What somebody asks for, and how that is written down. */
export interface Asked extends Wish {
  email: boolean;
  /** What is written down where a new one is made; joining is its own deed unless this is a re-issue. */
  deed: DownloadDeed;
  details: Record<string, unknown>;
}

/** Joins or makes the download, with a mail to the caller where wanted; null where the backup is gone. */
export async function askForDownload(
  context: Context,
  manager: EntityManager,
  { email, deed, details, ...wish }: Asked,
): Promise<Download | null> {
  const found = await joinOrMake(context, manager, wish);
  if (!found) return null;
  const { download, joined } = found;
  if (email) await askForMail(manager, download.id, context.signedIn().user.id);
  const said = joined && deed === 'prepareDownload' ? 'joinDownload' : deed;
  await audit(manager, said, download, doerOf(context), { contents: wish.contents, email, ...details });
  return manager.findOneByOrFail(Download, { id: download.id });
}

/** Starts what the committed request needs: the download’s workflow, and the caller’s mail where it is ready already. */
export async function startAsked(context: Context, download: Download): Promise<void> {
  if (download.status === 'QUEUED') context.tools.launcher.startSoon(await startOfJob(context, download));
  if (!isAliveNow(download)) return;
  const mail = await context.catalogue
    .getRepository(DownloadMail)
    .findOneBy({ downloadId: download.id, userId: context.signedIn().user.id, state: 'PENDING' });
  if (mail) context.tools.launcher.startSoon(await startOfMail(context, download, mail));
}
