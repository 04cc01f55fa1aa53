import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import {
  anyWholeNumber,
  commonSettings,
  port,
  readSettings,
  s3Chosen,
  s3Settings,
  wholeNumber,
  withS3Rules,
} from '#schema/config';
import { undoHours } from '#schema/domain';
import { renewableKeys } from './engines/s3/renewableKeys.js';
import type { StorageSettings } from './engines/storage/openStorage.js';

const fields = z.object({
  ...commonSettings,
  ...s3Settings,
  /** Where backups are kept on this machine; required where S3_BUCKET is not set. */
  HOLDFAST_STORAGE_DIR: z
    .string()
    .transform((folder) => path.resolve(folder))
    .optional(),
  /** The most that backups write to storage, in bytes per second for all steps together; default: no limit. */
  HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: wholeNumber.optional(),
  /** The most that backups read from databases and media, in bytes per second for all steps together; default: no limit. */
  HOLDFAST_SOURCE_MAX_BYTES_PER_SECOND: wholeNumber.optional(),
  /** Folders with PostgreSQL’s programs to use before those found on the machine, `:` between them. */
  HOLDFAST_PG_BINDIRS: z.string().default(''),
  /** `off`: dumps are compressed by zlib even where the accelerator was built. */
  HOLDFAST_DUMP_ACCELERATOR: z.enum(['auto', 'off']).default('auto'),
  /** `on`: where the server’s own tools are missing, those of a newer version are used, with a warning. */
  HOLDFAST_PG_NEWER_TOOLS: z.enum(['on', 'off']).default('off'),
  /** For how many seconds a dump waits for a table that somebody has locked. */
  HOLDFAST_LOCK_WAIT_SECONDS: wholeNumber.default(60),
  /** How much pg_dump and pg_restore give way to others, 0 to 19. */
  HOLDFAST_NICE: anyWholeNumber.min(0, 'must be 0 to 19').max(19, 'must be 0 to 19').default(5),
  /** How many long steps run at once. */
  HOLDFAST_WORKER_STEPS: wholeNumber.default(4),
  /** After how many seconds without a byte a step has stalled. */
  HOLDFAST_STALL_SECONDS: wholeNumber.default(600),
  /** After how many days all media files are read again, whatever they look like; 0: each time. */
  HOLDFAST_MEDIA_REREAD_DAYS: anyWholeNumber.min(0, 'must be 0 or more').default(30),
  /** For how many seconds after a change a file of a media folder is read again by each backup, whatever it looks like. */
  HOLDFAST_MEDIA_SETTLE_SECONDS: anyWholeNumber.min(0, 'must be 0 or more').default(45),
  /** For how many seconds a database or storage that is away is waited for before the job is FAILED. */
  HOLDFAST_OUTAGE_SECONDS: wholeNumber.default(120),
  /** For how many hours what a restore replaced is kept for undo. */
  HOLDFAST_UNDO_HOURS: anyWholeNumber.min(0, 'must be 0 or more').default(undoHours),
  /** Where dumps are put that must be files to be restored; default: a folder in the system’s temporary one. */
  HOLDFAST_SCRATCH_DIR: z
    .string()
    .default(path.join(os.tmpdir(), 'holdfast-scratch'))
    .transform((folder) => path.resolve(folder)),
  /** Where people reach Holdfast: stands in links in Temporal. */
  HOLDFAST_PUBLIC_URL: z.string().default('http://127.0.0.1:4000'),
  /** Where `/healthz` and `/readyz` answer; default: nowhere. */
  HEALTH_PORT: port.optional(),
  /** The address to answer them on; another than loopback only where nobody else reaches it. */
  HEALTH_HOST: z.string().default('127.0.0.1'),
});

const shape = withS3Rules(fields).refine((set) => set.HOLDFAST_STORAGE_DIR || set.S3_BUCKET, {
  path: ['HOLDFAST_STORAGE_DIR'],
  error: 'is required: the folder where backups are kept; or set S3_BUCKET',
  when: ({ issues }) => !issues.some(({ path: [name] = [] }) => String(name).startsWith('S3_')),
});

export type WorkerSettings = z.infer<typeof shape>;

/** The worker’s settings; throws BadSettings with all problems together. */
export function workerSettings(environment: NodeJS.ProcessEnv): WorkerSettings {
  return readSettings(shape, environment);
}

/** Where backups are kept, by the worker’s settings. */
export function storageSettings(settings: WorkerSettings): StorageSettings {
  const maxBytesPerSecond = settings.HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND ?? null;
  const s3 = s3Chosen(settings);
  if (!s3) return { directory: settings.HOLDFAST_STORAGE_DIR ?? '', maxBytesPerSecond };
  const keys = renewableKeys(s3.keys, process.env);
  const patienceMs = settings.HOLDFAST_OUTAGE_SECONDS * 1000;
  return { s3: { ...s3, keys, patienceMs }, maxBytesPerSecond };
}
