import type { EntityManager } from 'typeorm';
import { contents as everyContent, refusals, type Content, type Refusal } from '#schema/domain';
import { Download, type Backup } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { slugsOf } from '../restore/slugsOf.js';
import { once } from '../jobs/once.js';
import { askForDownload, startAsked } from './askForDownload.js';
import type { PrepareDownloadInput } from './downloadInputs.js';

/**
 * Takes a request for a download: the row first, its workflow after. Where Temporal is away the request is kept (QUEUED)
 * and begins by itself.
 */
export async function prepareDownload(context: Context, input: PrepareDownloadInput): Promise<Download> {
  const source = await context.access.backup(input.sourceId);
  if (!source) throw new Refused(refusals.notFound('Backup', ['input', 'sourceId']));
  await refuseUnless(context, source.projectId, 'prepareDownload');
  const wish = {
    sourceId: source.id,
    contents: everyContent.filter((content) => input.contents.includes(content)),
    email: input.email ?? true,
  };
  const where = await slugsOf(context, source);
  const make = async (manager: EntityManager) => {
    refuseImpossible(source, wish.contents);
    const asked = await askForDownload(context, manager, {
      ...wish,
      where,
      deed: 'prepareDownload',
      details: {},
    });
    if (!asked) throw new Refused(refusals.notFound('Backup', ['input', 'sourceId']));
    return asked;
  };
  const again = (id: string) => context.catalogue.getRepository(Download).findOneByOrFail({ id });
  const { user } = context.signedIn();
  const { result } = await once(context.catalogue, user.id, 'prepareDownload', input.idempotencyKey, wish, {
    make,
    again,
  });
  await startAsked(context, result);
  return result;
}

function refuseImpossible(source: Backup, contents: Content[]): void {
  const found: Refusal[] = [];
  const field = ['input', 'contents'];
  if (source.status !== 'SUCCEEDED') found.push(refusals.notDownloadable(['input', 'sourceId']));
  if (contents.length === 0) found.push(refusals.invalid(field, 'Choose the database, the media or both.'));
  for (const content of contents)
    if (!source.contents.includes(content)) found.push(refusals.notInBackup(field, content));
  if (found.length > 0) throw new Refused(...found);
}
