import 'reflect-metadata';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker, DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { catalogue as describeCatalogue, createFileLinks, createSecretBox } from '#schema/catalogue';
import { BadSettings, mediaBucketsOf } from '#schema/config';
import { enginesQueue, taskQueue } from '#schema/domain';
import { createBookkeeping, createSteps } from './activities/createActivities.js';
import { startDownloadHousekeeping } from './activities/download/housekeeping.js';
import { jobStarter } from './activities/jobStarter.js';
import { clearScratch } from './activities/restore/clearScratch.js';
import type { MailTools } from './activities/mail/mailTools.js';
import { startHousekeeping } from './activities/restore/housekeeping.js';
import type { WorkerTools } from './activities/workerTools.js';
import { findPostgresTools } from './engines/postgres/tools.js';
import { sourcePace } from './engines/pace.js';
import { openStorage } from './engines/storage/openStorage.js';
import { watchStorage } from './engines/storage/watchStorage.js';
import { prepareThread } from './engines/thread/spareThread.js';
import { serveHealth } from './health.js';
import { createReadiness } from './readiness.js';
import { storageSettings, workerSettings, type WorkerSettings } from './settings.js';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const bundlePath = fileURLToPath(new URL('./durable.bundle.js', import.meta.url));

/** The worker: one queue for workflows and bookkeeping, one for long steps. Runs until it is told to stop. */
async function runWorker(settings: WorkerSettings): Promise<void> {
  const log = pino({ level: settings.HOLDFAST_LOG_LEVEL, name: 'worker' });
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => log.warn({ level, meta }, message)),
    // Signals are ours: the supervisor’s going away must end the workers as well.
    shutdownSignals: [],
  });
  const catalogue = describeCatalogue({
    databaseUrl: settings.DATABASE_URL,
    applicationName: 'holdfast worker',
    poolSize: 10,
  });
  await catalogue.initialize();
  const connection = await NativeConnection.connect({ address: settings.TEMPORAL_ADDRESS });
  const tools: WorkerTools & MailTools = {
    catalogue,
    secretBox: createSecretBox(settings.HOLDFAST_SECRET_KEY),
    storage: openStorage(storageSettings(settings)),
    postgresTools: await findPostgresTools(settings.HOLDFAST_PG_BINDIRS.split(':').filter(Boolean), {
      accelerate: settings.HOLDFAST_DUMP_ACCELERATOR === 'auto',
    }),
    allowNewerTools: settings.HOLDFAST_PG_NEWER_TOOLS === 'on',
    lockWaitMs: settings.HOLDFAST_LOCK_WAIT_SECONDS * 1000,
    nice: settings.HOLDFAST_NICE,
    sourcePace: sourcePace(settings.HOLDFAST_SOURCE_MAX_BYTES_PER_SECOND),
    mediaRoots: {
      data: settings.HOLDFAST_DATA,
      roots: settings.HOLDFAST_MEDIA_ROOTS,
      demo: settings.HOLDFAST_DEMO_MEDIA,
    },
    mediaBuckets: mediaBucketsOf(settings),
    outagePatienceMs: settings.HOLDFAST_OUTAGE_SECONDS * 1000,
    stallMs: settings.HOLDFAST_STALL_SECONDS * 1000,
    mediaRereadMs: settings.HOLDFAST_MEDIA_REREAD_DAYS * dayMs,
    mediaSettleMs: settings.HOLDFAST_MEDIA_SETTLE_SECONDS * 1000,
    undoMs: settings.HOLDFAST_UNDO_HOURS * hourMs,
    downloadMs: settings.HOLDFAST_DOWNLOAD_HOURS * hourMs,
    scratch: path.join(settings.HOLDFAST_SCRATCH_DIR, String(process.pid)),
    publicUrl: settings.HOLDFAST_PUBLIC_URL.replace(/\/+$/, ''),
    jobs: jobStarter(connection, settings.TEMPORAL_NAMESPACE),
    mail: {
      smtpUrl: settings.SMTP_URL ?? null,
      from: settings.MAIL_FROM,
      openLinks: settings.HOLDFAST_OPEN_LINKS === 'on' ? createFileLinks(settings.HOLDFAST_SECRET_KEY) : null,
    },
    log,
  };
  await clearScratch(settings.HOLDFAST_SCRATCH_DIR);
  const common = {
    connection,
    namespace: settings.TEMPORAL_NAMESPACE,
    shutdownGraceTime: '2 s',
    shutdownForceTime: '20 s',
    maxHeartbeatThrottleInterval: '2 s',
    defaultHeartbeatThrottleInterval: '2 s',
  } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue,
      workflowBundle: { codePath: bundlePath },
      activities: createBookkeeping(tools),
    }),
    await Worker.create({
      ...common,
      taskQueue: enginesQueue,
      activities: createSteps(tools),
      maxConcurrentActivityTaskExecutions: settings.HOLDFAST_WORKER_STEPS,
    }),
  ];
  const stopping = new AbortController();
  // The workers serve meanwhile: what is asked of them fails clearly, and goes on by itself once storage is there.
  const watch = watchStorage(tools.storage, log, stopping.signal);
  const waitingFor = createReadiness({
    catalogue,
    connection,
    namespace: settings.TEMPORAL_NAMESPACE,
    workers,
    storage: tools.storage,
    watch,
  });
  const health = settings.HEALTH_PORT
    ? await serveHealth({ host: settings.HEALTH_HOST, port: settings.HEALTH_PORT }, waitingFor)
    : null;

  const stop = () => {
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  prepareThread();
  const endHousekeeping = [startHousekeeping(tools), startDownloadHousekeeping(tools)];
  log.info({ queues: [taskQueue, enginesQueue] }, 'the worker serves');
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    stop();
    for (const end of endHousekeeping) end();
    health?.close();
    await connection.close().catch(() => undefined);
    await catalogue.destroy();
  }
}

runWorker(workerSettings(process.env)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof BadSettings ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
