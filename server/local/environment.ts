import path from 'node:path';

// What npm tells the scripts that it starts; a child of Holdfast is no script of npm.
const NPM = /^npm_|^INIT_CWD$/i;
// libpq takes these from the environment of every program; they were meant for another database.
const POSTGRES = /^PG[A-Z]+$/;
// The Temporal command line takes these as its own settings.
const TEMPORAL = /^TEMPORAL_/;
// The embedded programs need no secret of Holdfast's.
const OURS = /^(HOLDFAST|S3|SMTP|AWS)_|^DATABASE_URL$/;

/** The environment for the embedded programs (PostgreSQL, Temporal): without our secrets and others' settings. */
export function toolEnvironment(env: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  return {
    ...without(env, [NPM, POSTGRES, TEMPORAL, OURS, /^XDG_/, /^LC_/, /^NODE_/]),
    HOME: home,
    LC_ALL: 'C',
    TZ: 'UTC',
    TEMPORAL_VERSION_CHECK_DISABLED: '1',
  };
}

/** What the server and the worker are told, besides what a person set. */
export interface ServiceEnvironment {
  databaseUrl: string;
  secretKey: string;
  dataFolder: string;
  storageFolder: string;
  demoFolder: string;
  postgresBindirs: string[];
  temporalAddress: string;
  temporalNamespace: string;
  temporalUiUrl: string | null;
  port: number;
  publicUrl: string;
  smtpUrl: string;
  mailFrom: string;
}

/** The environment for the server and the worker: everything that a person set, and where the services are. */
export function serviceEnvironment(env: NodeJS.ProcessEnv, service: ServiceEnvironment): NodeJS.ProcessEnv {
  return {
    ...without(env, [NPM, POSTGRES]),
    NODE_ENV: 'production',
    DATABASE_URL: service.databaseUrl,
    HOLDFAST_SECRET_KEY: service.secretKey,
    HOLDFAST_DATA: service.dataFolder,
    ...(env['S3_BUCKET']
      ? {}
      : { HOLDFAST_STORAGE_DIR: env['HOLDFAST_STORAGE_DIR'] || service.storageFolder }),
    HOLDFAST_DEMO_MEDIA: service.demoFolder,
    HOLDFAST_PG_BINDIRS: service.postgresBindirs.join(path.delimiter),
    TEMPORAL_ADDRESS: service.temporalAddress,
    TEMPORAL_NAMESPACE: service.temporalNamespace,
    ...(service.temporalUiUrl === null ? {} : { TEMPORAL_UI_URL: service.temporalUiUrl }),
    PORT: String(service.port),
    HOST: '127.0.0.1',
    HOLDFAST_PUBLIC_URL: service.publicUrl,
    SMTP_URL: service.smtpUrl,
    MAIL_FROM: service.mailFrom,
  };
}

function without(env: NodeJS.ProcessEnv, patterns: RegExp[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !patterns.some((pattern) => pattern.test(name))),
  );
}
