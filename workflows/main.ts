import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker, DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { catalogue as describeCatalogue, createSecretBox } from '#schema/catalogue';
import { BadSettings } from '#schema/config';
import { enginesQueue, taskQueue } from '#schema/domain';
import { createBookkeeping, createSteps } from './activities/createActivities.js';
import type { WorkerTools } from './activities/workerTools.js';
import { findPostgresTools } from './engines/postgres/tools.js';
import { openStorage } from './engines/storage/openStorage.js';
import { serveHealth } from './health.js';
import { workerSettings, type WorkerSettings } from './settings.js';

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
  const tools: WorkerTools = {
    catalogue,
    secretBox: createSecretBox(settings.HOLDFAST_SECRET_KEY),
    storage: openStorage({
      directory: settings.HOLDFAST_STORAGE_DIR,
      maxBytesPerSecond: settings.HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND,
    }),
    postgresTools: await findPostgresTools(settings.HOLDFAST_PG_BINDIRS.split(':').filter(Boolean)),
    mediaRoots: {
      data: settings.HOLDFAST_DATA,
      roots: settings.HOLDFAST_MEDIA_ROOTS,
      demo: settings.HOLDFAST_DEMO_MEDIA,
    },
    outagePatienceMs: settings.HOLDFAST_OUTAGE_SECONDS * 1000,
    stallMs: settings.HOLDFAST_STALL_SECONDS * 1000,
    log,
  };
  const connection = await NativeConnection.connect({ address: settings.TEMPORAL_ADDRESS });
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
  const health = settings.HEALTH_PORT
    ? await serveHealth(settings.HEALTH_PORT, async () => {
        await catalogue.query('SELECT 1');
        return workers.every((worker) => worker.getState() === 'RUNNING');
      })
    : null;

  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  log.info({ queues: [taskQueue, enginesQueue] }, 'the worker serves');
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    stop();
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
