import path from 'node:path';
import { z } from 'zod';
import { commonSettings, port, readSettings, wholeNumber } from '#schema/config';

const shape = z.object({
  ...commonSettings,
  /** Where backups are kept on this machine. */
  HOLDFAST_STORAGE_DIR: z
    .string({ error: 'is required: the folder where backups are kept' })
    .transform((folder) => path.resolve(folder)),
  /** The most that backups write to storage, in bytes per second for all steps together; default: no limit. */
  HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: wholeNumber.optional(),
  /** Folders with PostgreSQL’s programs to use before those found on the machine, `:` between them. */
  HOLDFAST_PG_BINDIRS: z.string().default(''),
  /** How many long steps run at once. */
  HOLDFAST_WORKER_STEPS: wholeNumber.default(4),
  /** After how many seconds without a byte a step has stalled. */
  HOLDFAST_STALL_SECONDS: wholeNumber.default(600),
  /** For how many seconds a database or storage that is away is waited for before the job is FAILED. */
  HOLDFAST_OUTAGE_SECONDS: wholeNumber.default(120),
  /** Where `/healthz` and `/readyz` answer; default: nowhere. */
  HEALTH_PORT: port.optional(),
});

export type WorkerSettings = z.infer<typeof shape>;

/** The worker’s settings; throws BadSettings with all problems together. */
export function workerSettings(environment: NodeJS.ProcessEnv): WorkerSettings {
  return readSettings(shape, environment);
}
