import { migrateCatalogue } from '#schema/catalogue';
import { firstSteps } from '../setup/firstSteps.js';
import { banner } from './banner.js';
import type { DataFolder } from './dataFolder.js';
import { startDependencies, type Dependencies } from './dependencies.js';
import type { EmbeddedContext } from './embedded.js';
import { serviceEnvironment } from './environment.js';
import { endLeftovers, ProcessRecord } from './leftovers.js';
import { choosePorts, requireFreePort, type Ports } from './ports.js';
import { writeReadyFile, type ReadyFile } from './readyFile.js';
import { oneLine, Refusal } from './refusal.js';
import type { Running } from './running.js';
import { say } from './say.js';
import { readSecrets } from './secrets.js';
import { startServices, type Services } from './services.js';
import type { Settings } from './settings.js';
import { tryDemo } from './tryDemo.js';
import { untilStopped } from './untilStopped.js';

/** What starting Holdfast needs. */
export interface StartContext {
  settings: Settings;
  folder: DataFolder;
  projectFolder: string;
  running: Running;
  env: NodeJS.ProcessEnv;
  /** Aborted when Holdfast is asked to stop. */
  signal: AbortSignal;
}

/** Starts everything in order and resolves when all of it answers and ready.json is there. */
export async function startHoldfast(context: StartContext): Promise<void> {
  const { settings, folder, projectFolder, running, env, signal } = context;
  for (const name of await endLeftovers(folder.processes, folder.root)) {
    say(`Ended a ${name} process left over by an earlier start.`);
  }
  const ports = await claimPorts(settings, folder);
  const secrets = await readSecrets(folder.secrets);
  const secretKey = settings.secretKey ?? secrets.secretKey;

  let publish = async (): Promise<void> => undefined;
  const embedded: EmbeddedContext = {
    settings,
    folder,
    ports,
    env,
    processes: new ProcessRecord(folder.processes),
    onChild: (child) => running.addChild(child),
    onReplaced: () => publish(),
    signal,
  };
  const dependencies = await startDependencies(embedded, secrets, running);
  const { databaseUrl } = dependencies;
  await untilStopped(prepareCatalogue(databaseUrl, settings), signal);

  say('Starting the server and the worker');
  const services = await startServices(
    embedded,
    projectFolder,
    environmentOf(context, dependencies, secretKey),
  );

  const { publicUrl, adminEmail } = settings;
  const steps = firstSteps({ databaseUrl, publicUrl, adminEmail, tokenFile: folder.apiToken });
  const { token, signIn } = await untilStopped(steps, signal);
  const web = `http://127.0.0.1:${settings.port}`;
  if (settings.demo && dependencies.postgres !== undefined) {
    const { superuser } = dependencies.postgres;
    const places = { demoDir: folder.demo, secretsDir: folder.secrets };
    await tryDemo({ graphqlUrl: `${web}/graphql`, token, superuser, ...places }, signal);
  }

  const ready = (): ReadyFile => readyNow({ web, settings, dependencies, services, token, signIn });
  publish = async () => {
    if (!signal.aborted) await writeReadyFile(folder.ready, ready());
  };
  await publish();
  say(banner(ready(), publicUrl, folder.root));
}

/** Makes sure of the ports that must be these, and chooses the others. */
async function claimPorts(settings: Settings, folder: DataFolder): Promise<Ports> {
  await requireFreePort('PORT', settings.port);
  if (settings.external.temporalAddress === undefined) {
    await requireFreePort('TEMPORAL_UI_PORT', settings.temporalUiPort);
  }
  return choosePorts(folder.ports, [settings.port, settings.temporalUiPort]);
}

/** Brings the catalogue's tables up to date; says which setting to look at where it lies elsewhere. */
async function prepareCatalogue(databaseUrl: string, { external }: Settings): Promise<void> {
  try {
    await migrateCatalogue(databaseUrl);
  } catch (error: unknown) {
    if (external.databaseUrl === undefined) throw error;
    throw new Refusal(
      `The catalogue's database could not be prepared (${oneLine(error)}): check that DATABASE_URL is right and that ` +
        'its role may connect and make tables there.',
    );
  }
}

function environmentOf(
  context: StartContext,
  dependencies: Dependencies,
  secretKey: string,
): NodeJS.ProcessEnv {
  const { settings, folder, env } = context;
  return serviceEnvironment(env, {
    databaseUrl: dependencies.databaseUrl,
    secretKey,
    dataFolder: folder.root,
    storageFolder: folder.storage,
    demoFolder: folder.demo,
    postgresBindirs: dependencies.postgresBindirs,
    temporalAddress: dependencies.temporalAddress,
    temporalNamespace: settings.temporalNamespace,
    temporalUiUrl: dependencies.temporalUi,
    port: settings.port,
    publicUrl: settings.publicUrl,
    smtpUrl: dependencies.smtpUrl,
    mailFrom: settings.mailFrom,
  });
}

function readyNow(of: {
  web: string;
  settings: Settings;
  dependencies: Dependencies;
  services: Services;
  token: string;
  signIn: string;
}): ReadyFile {
  const { web, settings, dependencies, services, token, signIn } = of;
  return {
    web,
    graphql: `${web}/graphql`,
    temporalUi: dependencies.temporalUi,
    temporalAddress: dependencies.temporalAddress,
    temporalNamespace: settings.temporalNamespace,
    mail: dependencies.inboxPage,
    signIn,
    token,
    processes: {
      server: services.server.pid,
      worker: services.worker.pid,
      temporal: dependencies.temporal?.pid ?? null,
      postgres: dependencies.postgres?.child.pid ?? null,
    },
  };
}
