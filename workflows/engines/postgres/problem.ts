import type { DatabaseAddress } from '#schema/catalogue';
import type { FailureCode } from '#schema/domain';
import { StepProblem } from '../stepProblem.js';
import { withoutSecrets, lastWords } from './serverWords.js';

/** A database as messages name it: never its password. */
export function databaseInWords({ host, port, database }: DatabaseAddress): string {
  return `“${database}” on ${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Puts what the driver threw into a `StepProblem`; what is no answer of a database is handed back as it is. */
export function databaseProblem(address: DatabaseAddress, error: unknown): unknown {
  if (error instanceof StepProblem || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = withoutSecrets(error.message || code, address);
  const kind = kindOfState(code) ?? kindOfText(text);
  if (kind)
    return new StepProblem(failureOf[kind], sentence(kind, address, text), {
      cause: error,
      remedy: remedyOf[kind],
    });
  if (/^[0-9A-Z]{5}$/.test(code)) {
    return new StepProblem(
      'DATABASE_DUMP_FAILED',
      `The database ${databaseInWords(address)} answers: ${text}`,
      { cause: error },
    );
  }
  return error;
}

/** Puts what pg_dump said on stderr before it failed into a `StepProblem`. */
export function dumpProblem(address: DatabaseAddress, stderr: string): StepProblem {
  const text = withoutSecrets(stderr, address);
  const kind = kindOfText(text);
  const words = lastWords(text);
  if (kind)
    return new StepProblem(failureOf[kind], sentence(kind, address, words), { remedy: remedyOf[kind] });
  return new StepProblem(
    'DATABASE_DUMP_FAILED',
    `pg_dump of ${databaseInWords(address)} failed: ${words || 'it gave no reason'}`,
  );
}

const failureOf = {
  away: 'DATABASE_UNREACHABLE',
  password: 'DATABASE_AUTHENTICATION',
  noDatabase: 'DATABASE_AUTHENTICATION',
  certificate: 'DATABASE_AUTHENTICATION',
  pooler: 'DATABASE_AUTHENTICATION',
  forbidden: 'DATABASE_PERMISSION',
  locked: 'DATABASE_LOCKED',
  version: 'DATABASE_VERSION',
} as const satisfies Record<string, FailureCode>;
type Kind = keyof typeof failureOf;

/** What to do where the code’s own remedy, about names and passwords, would mislead. */
const remedyOf: Partial<Record<Kind, string>> = {
  noDatabase: 'Correct the name of the database in the environment’s settings, then retry.',
  certificate: 'Correct the server’s certificate or the sslmode in the environment’s settings, then retry.',
  pooler: 'Correct the host and port in the environment’s settings, then retry.',
};

function sentence(kind: Kind, address: DatabaseAddress, text: string): string {
  const database = databaseInWords(address);
  switch (kind) {
    case 'away':
      return `The database ${database} cannot be reached (${text})`;
    case 'password':
      return `The database ${database} does not let “${address.user}” in (${text})`;
    case 'noDatabase':
      return `There is no database ${database} (${text})`;
    case 'certificate':
      return `The database server ${address.host}:${address.port} cannot be trusted as sslmode=${address.sslmode} asks (${text})`;
    case 'pooler':
      return `${address.host}:${address.port} is a connection pooler, not the database server itself (${text})`;
    case 'forbidden':
      return `“${address.user}” may not read all of the database ${database} (${text})`;
    case 'locked':
      return `A table of the database ${database} stayed locked (${text})`;
    case 'version':
      return `The PostgreSQL client tools do not fit the server of ${database} (${text})`;
  }
}

const awayCodes =
  /^(?:08...|57P0[1-5]|53300|ECONN\w+|ETIMEDOUT|ENOTFOUND|EAI_\w+|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EPIPE|EADDRNOTAVAIL)$/;
const certificateCodes =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** By SQLSTATE or the operating system's code: holds in any language that the server speaks. */
function kindOfState(code: string): Kind | null {
  if (awayCodes.test(code)) return 'away';
  if (certificateCodes.test(code)) return 'certificate';
  switch (code) {
    case '28P01':
    case '28000':
      return 'password';
    case '3D000':
      return 'noDatabase';
    case '42501':
      return 'forbidden';
    case '55P03':
      return 'locked';
    default:
      return null;
  }
}

/** What pg_dump, libpq and the driver say where they give no code; the first match names the cause. */
const phrases: ReadonlyArray<readonly [Kind, RegExp]> = [
  ['pooler', /unsupported startup parameter/i],
  ['version', /server version mismatch|aborting because of server version/i],
  ['noDatabase', /FATAL: {2}database ".*" does not exist/],
  [
    'password',
    /authentication failed|no pg_hba\.conf entry|no password supplied|role ".*" does not exist|SASL|not permitted to log in/,
  ],
  ['certificate', /certificate|does not support SSL/i],
  // pg_dump waits for locks by a limit on the statement, and has no other limit.
  ['locked', /canceling statement due to (?:lock|statement) timeout/],
  ['forbidden', /permission denied|row-level security policy|must be (?:owner|superuser)/],
  [
    'away',
    new RegExp(
      [
        'server closed the connection',
        'connection to server .* failed',
        'could not connect',
        'could not (?:receive data from|send data to) server',
        'could not translate host name',
        'terminating connection',
        'the database system is',
        'too many (?:clients|connections)',
        'remaining connection slots',
        'SSL connection has been closed',
        'no connection to the server',
        'lost synchronization',
        'Connection terminated',
        'timeout expired',
        'invalid snapshot identifier',
      ].join('|'),
      'i',
    ),
  ],
];

function kindOfText(text: string): Kind | null {
  return phrases.find(([, phrase]) => phrase.test(text))?.[0] ?? null;
}
