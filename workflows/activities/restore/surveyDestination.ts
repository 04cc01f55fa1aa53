import { bytesInWords, type Finding, type RestoreSurvey, type SurveyRestoreOrder } from '#schema/domain';
import { Backup, BackupPart, Environment } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationBucket, type DestinationBucket } from './destinationBucket.js';
import { destinationFolder } from './destinationFolder.js';
import { surveyDatabaseDestination } from './surveyDatabaseDestination.js';
import { tendMedia } from './tendMedia.js';

const patienceMs = 15_000;

/** Looks what a restore would meet at its destination, without touching it. */
export async function surveyDestination(
  tools: WorkerTools,
  order: SurveyRestoreOrder,
): Promise<RestoreSurvey> {
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: order.environmentId });
  const backup = await tools.catalogue.getRepository(Backup).findOneByOrFail({ id: order.backupId });
  const parts = await tools.catalogue.getRepository(BackupPart).findBy({ backupId: backup.id });
  const survey: RestoreSurvey = { warnings: [], blockers: [], estimatedSeconds: null };
  for (const { document } of parts) {
    if (!order.contents.includes(document.content)) continue;
    const found =
      document.content === 'DATABASE'
        ? await unlessBarred(() =>
            surveyDatabaseDestination(tools, environment, document, AbortSignal.timeout(patienceMs)),
          )
        : await unlessBarred(() => surveyMedia(tools, environment, document.size));
    survey.warnings.push(...found.warnings);
    survey.blockers.push(...found.blockers);
  }
  return survey;
}

/** What was found, or what stood in the way of looking. */
type Found = Pick<RestoreSurvey, 'warnings' | 'blockers'>;

async function unlessBarred(look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error: unknown) {
    if (!(error instanceof StepProblem)) throw error;
    return { warnings: [], blockers: [{ code: error.code, message: `${error.message}.` }] };
  }
}

async function surveyMedia(tools: WorkerTools, environment: Environment, bytes: number): Promise<Found> {
  const bucket = await destinationBucket(tools, environment);
  if (bucket) return surveyMediaBucket(tools, bucket);
  const folder = await destinationFolder(tools, environment, AbortSignal.timeout(patienceMs));
  const warnings: Finding[] = [];
  const blockers: Finding[] = [];
  const directory = environment.mediaDirectory ?? '';
  if (folder.kind === 'missing') {
    warnings.push({
      code: 'MEDIA_MISSING',
      message: `The media folder “${directory}” is not there: it will be made. A safety backup of it cannot be made.`,
    });
  }
  if (folder.isMountPoint ? !folder.writable : !folder.parentWritable) {
    blockers.push({
      code: 'MEDIA_NOT_WRITABLE',
      message: `The worker’s user may not write beside the media folder “${directory}”: let it, so that media can be put there before they replace the present ones.`,
    });
  }
  if (folder.mountsBelow.length > 0) {
    blockers.push({
      code: 'MEDIA_MOUNTS',
      message: `Something is mounted inside the media folder (${folder.mountsBelow[0]}): it cannot be replaced as a whole.`,
    });
  }
  if (folder.freeBytes < bytes) {
    blockers.push({
      code: 'DESTINATION_FULL',
      message: `The media need ${bytesInWords(bytes)} beside the present ones; ${bytesInWords(folder.freeBytes)} are free.`,
    });
  }
  if (folder.isMountPoint || environment.keepMediaFolder) {
    warnings.push({
      code: 'MEDIA_FOLDER_KEPT',
      message: 'The media folder itself stays: its entries are moved one by one, which takes a moment.',
    });
  }
  return { warnings, blockers };
}

async function surveyMediaBucket(tools: WorkerTools, { address }: DestinationBucket): Promise<Found> {
  const order = { do: 'surveyBucket', address, patienceMs: 0 } as const;
  const { isEmpty, isVersioned } = await tendMedia(tools, order, AbortSignal.timeout(patienceMs));
  const { bucket, prefix } = address.place;
  const warnings: Finding[] = [
    {
      code: 'MEDIA_IN_BUCKET',
      message: `The media lie in a bucket (“${bucket}/${prefix}”): its objects are replaced one after the other, which takes a while; until then old and new ones stand side by side. Its keys must be allowed to write and to delete there, which is tried before anything is replaced. ACLs, tags and links are not restored.`,
    },
  ];
  if (isEmpty) {
    warnings.push({
      code: 'MEDIA_MISSING',
      message: `Nothing lies in the media bucket “${bucket}/${prefix}”.${prefix === '' ? '' : ' A safety backup of it cannot be made.'}`,
    });
  }
  if (isVersioned) {
    warnings.push({
      code: 'MEDIA_BUCKET_VERSIONED',
      message: `The bucket “${bucket}” keeps earlier versions: what is staged and replaced goes on taking room there after it was removed.`,
    });
  }
  return { warnings, blockers: [] };
}
