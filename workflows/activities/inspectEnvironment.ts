import { databaseUrlPlace, parseDatabaseUrl } from '#schema/catalogue';
import { mediaBucketProblem, resolveMediaDirectory } from '#schema/config';
import type { CheckEnvironmentOrder, CheckEnvironmentOutcome, Finding } from '#schema/domain';
import { Environment } from '#schema/entities';
import { checkDatabase, checkMedia } from '../engines/check.js';
import { checkBucket } from '../engines/checkBucket.js';
import { bucketAddress } from './mediaPlace.js';
import type { WorkerTools } from './workerTools.js';

const patienceMs = 20_000;

/** Looks whether database and media can be reached and read; findings name the field at fault. */
export async function inspectEnvironment(
  tools: WorkerTools,
  { environmentId }: CheckEnvironmentOrder,
): Promise<CheckEnvironmentOutcome> {
  const environment = await tools.catalogue.getRepository(Environment).findOneByOrFail({ id: environmentId });
  const findings = [
    ...(await inspectDatabase(tools, environment)),
    ...(await inspectMedia(tools, environment)),
    ...nothingConfigured(environment),
  ];
  return { ok: findings.length === 0, findings };
}

async function inspectDatabase(
  tools: WorkerTools,
  { id, databaseUrlSealed }: Environment,
): Promise<Finding[]> {
  if (!databaseUrlSealed) return [];
  const address = parseDatabaseUrl(tools.secretBox.open(databaseUrlSealed, databaseUrlPlace(id)));
  return checkDatabase(address, tools.postgresTools, AbortSignal.timeout(patienceMs));
}

async function inspectMedia(tools: WorkerTools, environment: Environment): Promise<Finding[]> {
  const { mediaDirectory, mediaS3 } = environment;
  const signal = AbortSignal.timeout(patienceMs);
  if (mediaDirectory) {
    const { problem } = await resolveMediaDirectory(mediaDirectory, tools.mediaRoots);
    return problem ? [barred('directory', problem)] : checkMedia(mediaDirectory, signal);
  }
  if (!mediaS3) return [];
  const refused = await mediaBucketProblem(mediaS3, tools.mediaBuckets);
  if (refused) return [barred(`s3.${refused.field}`, refused.problem)];
  return checkBucket(bucketAddress(tools, environment, mediaS3), signal);
}

function barred(field: string, problem: string): Finding {
  return { code: 'MEDIA_UNREADABLE', message: `media.${field}: ${problem}` };
}

function nothingConfigured({ hasDatabase, hasMedia }: Environment): Finding[] {
  if (hasDatabase || hasMedia) return [];
  return [
    {
      code: 'NOTHING_CONFIGURED',
      message: 'Give a database address, a media folder or a bucket: there is nothing to back up yet.',
    },
  ];
}
