import path from 'node:path';
import { z } from 'zod';
import { s3Settings, withS3Rules, withSecretFiles } from '#schema/config';
import { Refusal } from './refusal.js';

const port = (standard: number) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be 1 to 65535')
    .max(65535, 'must be 1 to 65535')
    .default(standard);

const flag = z
  .enum(['0', '1'], 'must be 0 or 1')
  .default('1')
  .transform((value) => value === '1');

const url = (schemes: string[]) =>
  z
    .string()
    .refine(
      (value) => hasScheme(value, schemes),
      `must be a URL that begins with ${schemes.join('// or ')}//`,
    );

const FIELDS = z.object({
  ...s3Settings,
  HOLDFAST_DATA: z.string().default('.holdfast'),
  HOLDFAST_STORAGE_DIR: z.string().optional(),
  PORT: port(4000),
  HOLDFAST_PUBLIC_URL: url(['http:', 'https:'])
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  HOLDFAST_HISTORY_DAYS: z.coerce
    .number('must be a number of days')
    .int('must be a whole number of days')
    .min(1, 'must be at least 1 day')
    .max(3650, 'must be at most 3650 days')
    .default(30),
  TEMPORAL_UI_PORT: port(8233),
  HOLDFAST_DEMO: flag,
  HOLDFAST_ADMIN_EMAIL: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
    .default('admin@localhost'),
  HOLDFAST_SECRET_KEY: z
    .string()
    .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64')
    .optional(),
  HOLDFAST_MACHINE_TOOLS: flag,
  HOLDFAST_POSTGRES_BINDIR: z.string().optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'must be host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_UI_URL: url(['http:', 'https:']).optional(),
  SMTP_URL: url(['smtp:', 'smtps:']).optional(),
  MAIL_FROM: z.string().default('Holdfast <holdfast@localhost>'),
});
// What is said of S3_* is for the server and the worker; here it is only looked at, so that nothing starts in vain.
const SETTINGS = withS3Rules(FIELDS);

/** What a person set, checked; folders are absolute. */
export interface Settings {
  dataFolder: string;
  port: number;
  /** The address in mails and links. */
  publicUrl: string;
  historyDays: number;
  temporalUiPort: number;
  demo: boolean;
  adminEmail: string;
  secretKey: string | undefined;
  useMachineTools: boolean;
  postgresBindir: string | undefined;
  mailFrom: string;
  temporalNamespace: string;
  /** Existing services to use in place of embedded ones. */
  external: {
    databaseUrl: string | undefined;
    temporalAddress: string | undefined;
    temporalUiUrl: string | undefined;
    smtpUrl: string | undefined;
  };
}

/**
 * Reads the settings from the environment; an empty variable counts as not set.
 * Throws one Refusal that names every variable that is wrong; values are not repeated, because some are secret.
 */
export function readSettings(env: NodeJS.ProcessEnv, projectFolder: string): Settings {
  const s3 = withSecretFiles(
    Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('S3_'))),
  );
  const given = Object.fromEntries(
    Object.entries({ ...env, ...s3.environment }).filter(([, value]) => value !== ''),
  );
  const parsed = SETTINGS.safeParse(given);
  const unread = s3.problems.map(({ name, message }) => `${name} ${message}`);
  const problems = [
    ...unread,
    ...(parsed.success ? portProblems(parsed.data) : parsed.error.issues.map(describe)),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new Refusal(`Correct these environment variables and start again: ${problems.join('; ')}.`);
  }
  const set = parsed.data;
  return {
    dataFolder: path.resolve(projectFolder, set.HOLDFAST_DATA),
    port: set.PORT,
    publicUrl: set.HOLDFAST_PUBLIC_URL ?? `http://127.0.0.1:${set.PORT}`,
    historyDays: set.HOLDFAST_HISTORY_DAYS,
    temporalUiPort: set.TEMPORAL_UI_PORT,
    demo: set.HOLDFAST_DEMO,
    adminEmail: set.HOLDFAST_ADMIN_EMAIL,
    secretKey: set.HOLDFAST_SECRET_KEY,
    useMachineTools: set.HOLDFAST_MACHINE_TOOLS,
    postgresBindir: set.HOLDFAST_POSTGRES_BINDIR,
    mailFrom: set.MAIL_FROM,
    temporalNamespace: set.TEMPORAL_ADDRESS === undefined ? 'default' : set.TEMPORAL_NAMESPACE,
    external: {
      databaseUrl: set.DATABASE_URL,
      temporalAddress: set.TEMPORAL_ADDRESS,
      temporalUiUrl: set.TEMPORAL_UI_URL,
      smtpUrl: set.SMTP_URL,
    },
  };
}

function portProblems(set: z.infer<typeof SETTINGS>): string[] {
  const same = set.TEMPORAL_ADDRESS === undefined && set.PORT === set.TEMPORAL_UI_PORT;
  return same ? ['PORT and TEMPORAL_UI_PORT must differ'] : [];
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}`;
}

function hasScheme(value: string, schemes: string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}
