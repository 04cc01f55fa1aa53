import { databaseUrlPlace, parseDatabaseUrl } from '#schema/catalogue';
import { resolveMediaDirectory } from '#schema/config';
import type { CheckEnvironmentOrder, CheckEnvironmentOutcome, Finding } from '#schema/domain';
import { Environment } from '#schema/entities';
import { checkDatabase, checkMedia } from '../engines/check.js';
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

async function inspectMedia(tools: WorkerTools, { mediaDirectory }: Environment): Promise<Finding[]> {
  if (!mediaDirectory) return [];
  const { problem } = await resolveMediaDirectory(mediaDirectory, tools.mediaRoots);
  if (problem) return [{ code: 'MEDIA_UNREADABLE', message: problem }];
  return checkMedia(mediaDirectory, AbortSignal.timeout(patienceMs));
}

function nothingConfigured({ databaseUrlSealed, mediaDirectory }: Environment): Finding[] {
  if (databaseUrlSealed || mediaDirectory) return [];
  return [
    {
      code: 'NOTHING_CONFIGURED',
      message: 'Give a database address or a media folder: there is nothing to back up yet.',
    },
  ];
}
