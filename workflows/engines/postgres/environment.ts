import { existsSync } from 'node:fs';
import type { DatabaseAddress } from '#schema/catalogue';

/** What a PostgreSQL program needs in its environment to reach a database: secrets stand here, never in argv. */
export function libpqEnvironment(
  address: DatabaseAddress,
  { applicationName }: { applicationName: string },
): Record<string, string> {
  const { host, port, user, password, database, sslmode } = address;
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: sslmode,
    ...(sslmode.startsWith('verify') ? systemCertificates() : {}),
    PGGSSENCMODE: 'disable',
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '10',
    PGOPTIONS: sessionOptions,
  };
}

/**
 * Settings of our sessions: no limit that the role or the database sets may end a dump, and a server whose client
 * machine vanished lets go of the locks within a minute.
 */
export const sessionOptions = [
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
  'tcp_keepalives_idle=30',
  'tcp_keepalives_interval=10',
  'tcp_keepalives_count=3',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** A `--dbname` without secrets: the database's name, quoted, and what notices a connection that went dead. */
export function conninfo(database: string): string {
  const keepalives =
    'keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=30000';
  return `dbname='${database.replace(/[\\']/g, '\\$&')}' ${keepalives}`;
}

/** Where systems keep the certificates of public authorities: libpq itself looks in a home folder only. */
function systemCertificates(): Record<string, string> {
  const places = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/cert.pem',
  ];
  const bundle = places.find((place) => existsSync(place));
  return bundle ? { PGSSLROOTCERT: bundle } : {};
}
