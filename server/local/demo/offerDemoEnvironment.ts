import { join } from 'node:path';
import {
  createDemoEnvironment,
  moveDemoEnvironment,
  recordDemoDeployment,
  type ApiEnvironment,
  type ApiProject,
  type EnvironmentSources,
} from './demoApi.js';
import { createDemoDatabase, demoDatabaseHost } from './demoDatabase.js';
import { DEMO_PROJECT_SLUG, type DemoEnvironment } from './demoEnvironments.js';
import { createDemoMedia } from './demoMedia.js';
import type { CreateDemoOptions } from './demoOptions.js';
import { makeDemoPassword, readDemoPassword } from './demoPassword.js';
import { writeDemoRecord, type DemoRecord, type RecordedEnvironment } from './demoRecord.js';
import type { SendGraphql } from './graphqlClient.js';

interface Surroundings extends CreateDemoOptions {
  send: SendGraphql;
  record: DemoRecord;
  project: ApiProject;
}

/**
 * Makes one environment of the demo, or brings Holdfast's word about it up to date.
 * Once it is registered its database and media belong to the person and are never made again: one that is missing
 * may be missing on purpose, or be in the middle of a restore.
 */
export async function offerDemoEnvironment(
  around: Surroundings,
  environment: DemoEnvironment,
): Promise<void> {
  const { log, record, project } = around;
  const label = `${DEMO_PROJECT_SLUG}/${environment.slug}`;
  const recorded = record.environments[environment.slug];
  const known = project.environments.find((candidate) => candidate.slug === environment.slug);
  if (known !== undefined && recorded === undefined) {
    log(`demo: environment ${label} exists and is not the demo's: left as it is`);
    return;
  }
  const isDeleted = known === undefined ? recorded?.state === 'registered' : known.deletedAt !== null;
  if (isDeleted) {
    log(`demo: environment ${label} was deleted: not made again`);
    return;
  }

  const place = placeOf(around, environment);
  const kept = await readDemoPassword(around.secretsDir, environment.slug);
  if (known !== undefined && recorded?.state === 'registered' && kept !== null) {
    await bringUpToDate(around, environment, { known, recorded, password: kept, place });
    return;
  }

  await remember(around, environment, { ...place, state: 'registering' });
  const password = kept ?? (await makeDemoPassword(around.secretsDir, environment.slug));
  await makeContent(around, environment, password, place.mediaDirectory);
  const registered = await register(around, environment, known, sourcesOf(environment, password, place));
  if (registered.gitCommit === null) await recordDemoDeployment(around.send, registered.id, environment);
  await remember(around, environment, { ...place, state: 'registered' });
}

interface Registration {
  known: ApiEnvironment;
  recorded: Place;
  password: string;
  place: Place;
}

/** Tells Holdfast only what moved since the last time. */
async function bringUpToDate(
  around: Surroundings,
  environment: DemoEnvironment,
  registration: Registration,
): Promise<void> {
  const { known, recorded, password, place } = registration;
  const label = `${DEMO_PROJECT_SLUG}/${environment.slug}`;
  const sources = sourcesOf(environment, password, place);
  const moved: Partial<EnvironmentSources> = {};
  if (recorded.databaseAddress !== place.databaseAddress) moved.databaseUrl = sources.databaseUrl;
  if (recorded.mediaDirectory !== place.mediaDirectory) moved.mediaDirectory = sources.mediaDirectory;
  if (Object.keys(moved).length === 0) {
    around.log(`demo: environment ${label} is there`);
    return;
  }
  await moveDemoEnvironment(around.send, known.id, environment, moved);
  await remember(around, environment, { ...place, state: 'registered' });
  around.log(`demo: environment ${label} updated: database at ${place.databaseAddress}`);
}

/** Database and media at the same time: the one keeps the server busy, the other this process. */
async function makeContent(
  around: Surroundings,
  environment: DemoEnvironment,
  password: string,
  media: string,
): Promise<void> {
  const results = await Promise.allSettled([
    timed(
      around.log,
      `database ${environment.database}`,
      createDemoDatabase(around.superuser, environment, password),
    ),
    timed(
      around.log,
      `media of ${DEMO_PROJECT_SLUG}/${environment.slug}`,
      createDemoMedia(media, environment.share),
    ),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function timed(log: (line: string) => void, what: string, made: Promise<boolean>): Promise<void> {
  const start = performance.now();
  log(`demo: ${what} …`);
  const isNew = await made;
  log(`demo: ${what} ${isNew ? `made in ${((performance.now() - start) / 1000).toFixed(1)} s` : 'is there'}`);
}

/** An environment that is known already is one whose registration was cut off: what it was told is not certain. */
async function register(
  around: Surroundings,
  environment: DemoEnvironment,
  known: ApiEnvironment | undefined,
  sources: EnvironmentSources,
): Promise<ApiEnvironment> {
  const registered =
    known === undefined
      ? await createDemoEnvironment(around.send, around.project.id, environment, sources)
      : await moveDemoEnvironment(around.send, known.id, environment, sources);
  around.log(`demo: environment ${DEMO_PROJECT_SLUG}/${environment.slug} registered`);
  return registered;
}

type Place = Pick<RecordedEnvironment, 'databaseAddress' | 'mediaDirectory'>;

function placeOf(around: Surroundings, environment: DemoEnvironment): Place {
  return {
    databaseAddress: `${demoDatabaseHost(around.superuser)}:${around.superuser.port}`,
    mediaDirectory: join(around.demoDir, environment.slug, 'media'),
  };
}

function sourcesOf(environment: DemoEnvironment, password: string, place: Place): EnvironmentSources {
  const { database } = environment;
  return {
    databaseUrl: `postgres://${database}:${password}@${place.databaseAddress}/${database}`,
    mediaDirectory: place.mediaDirectory,
  };
}

async function remember(
  around: Surroundings,
  environment: DemoEnvironment,
  entry: RecordedEnvironment,
): Promise<void> {
  around.record.environments[environment.slug] = entry;
  await writeDemoRecord(around.demoDir, around.record);
}
