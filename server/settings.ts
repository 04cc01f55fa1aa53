import path from 'node:path';
import { z } from 'zod';
import { commonSettings, port, readSettings, s3Settings, wholeNumber, withS3Rules } from '#schema/config';

/** How many days Temporal keeps closed workflows. */
export const historyDays = wholeNumber.max(3650, 'must be at most 3650 days').default(30);

const fields = z.object({
  ...commonSettings,
  ...s3Settings,
  /** Where backups are kept on this machine: files of downloads are read from there. Where S3_BUCKET is not set. */
  HOLDFAST_STORAGE_DIR: z
    .string()
    .transform((folder) => path.resolve(folder))
    .optional(),
  /** How files of downloads in S3 reach people: `stream` through this server, or `redirect` to an address of S3. */
  HOLDFAST_FILES_FROM_S3: z
    .enum(['stream', 'redirect'], { error: 'must be stream or redirect' })
    .default('stream'),
  /** The web app and the API. */
  PORT: port.default(4000),
  /** The address to listen on. */
  HOST: z.string().default('127.0.0.1'),
  /** The address in mails and links; never taken from a request. Default `http://127.0.0.1:<PORT>`. */
  HOLDFAST_PUBLIC_URL: z.url({ error: 'must be an address such as https://backups.example.org' }).optional(),
  /** How many reverse proxies stand before it: so many entries of X-Forwarded-For are believed. Default: none. */
  HOLDFAST_PROXIES: z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .max(10, 'must be at most 10')
    .default(0),
  /** Temporal’s web UI, for support staff. */
  TEMPORAL_UI_URL: z.url({ error: 'must be an address' }).default('http://127.0.0.1:8233'),
  /** How many days Temporal keeps closed workflows. */
  HOLDFAST_HISTORY_DAYS: historyDays,
  /** The built web app. */
  HOLDFAST_WEB_DIR: z.string().default(path.resolve('dist/web')),
});

const shape = withS3Rules(fields).transform((all) => ({
  ...all,
  publicUrl: (all.HOLDFAST_PUBLIC_URL ?? `http://127.0.0.1:${all.PORT}`).replace(/\/+$/, ''),
}));

export type ServerSettings = z.infer<typeof shape>;

/** The API server’s settings; throws BadSettings with all problems together. */
export function serverSettings(environment: NodeJS.ProcessEnv): ServerSettings {
  return readSettings(shape, environment);
}
