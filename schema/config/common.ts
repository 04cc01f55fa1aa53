import { z } from 'zod';
import { downloadHours } from '#schema/domain';
import { s3Settings } from './s3.js';

/** Which TCP port. */
export const port = z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65535);

/** A whole number, to be bounded by whoever uses it. */
export const anyWholeNumber = z.coerce
  .number({ error: 'must be a whole number' })
  .int('must be a whole number');

/** A whole number above 0. */
export const wholeNumber = anyWholeNumber.min(1, 'must be at least 1');

/** Settings that the API server and the worker share. */
export const commonSettings = {
  /** The catalogue: `postgres://role:password@host:port/database`. Required. */
  DATABASE_URL: z.string({ error: 'is required: the address of Holdfast’s own database' }),
  /** 32 random bytes in base64: seals the secrets in the catalogue. Required; losing it loses those secrets. */
  HOLDFAST_SECRET_KEY: z
    .string({ error: 'is required: 32 random bytes in base64, e.g. from `openssl rand -base64 32`' })
    .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64'),
  /** Temporal’s gRPC address. */
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  /** Temporal’s namespace. */
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** How much is logged: `debug`, `info`, `warn` or `error`. */
  HOLDFAST_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Where mail goes: `smtp://[user:password@]host:port`, `smtps://…` for TLS from the start. Without it no mail is sent. */
  SMTP_URL: z.string().optional(),
  /** Who mails come from. */
  MAIL_FROM: z.string().default('Holdfast <holdfast@localhost>'),
  /** For how many hours the files of a download stay. */
  HOLDFAST_DOWNLOAD_HOURS: wholeNumber.max(8760, 'must be at most 8760, a year').default(downloadHours),
  /** `on`: whoever has the link in a mail gets the file, without a sign-in. */
  HOLDFAST_OPEN_LINKS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  /** Where everything of an embedded Holdfast lies; media folders may not lie below it. */
  HOLDFAST_DATA: z.string().optional(),
  /** Folders, `:` between them, below which media folders must lie; default: anywhere outside HOLDFAST_DATA. */
  HOLDFAST_MEDIA_ROOTS: z.string().optional(),
  /** Buckets, `,` between them, in which the worker’s own credentials serve media without keys; default: none. */
  HOLDFAST_MEDIA_BUCKETS: z.string().optional(),
  /** Where in S3 the backups are kept, where they are: no media lie there. */
  S3_BUCKET: s3Settings.S3_BUCKET,
  S3_PREFIX: s3Settings.S3_PREFIX,
  S3_ENDPOINT: s3Settings.S3_ENDPOINT,
  /** The demo’s own media folders: allowed although below HOLDFAST_DATA. Set by `npm start`. */
  HOLDFAST_DEMO_MEDIA: z.string().optional(),
};
