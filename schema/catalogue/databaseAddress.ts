/** Where a database is and how to sign in there. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** As libpq means it. */
  sslmode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
}

const sslmodes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** Says which part of a database address is at fault, and the remedy. Never quotes the address: it holds a password. */
export class BadDatabaseAddress extends Error {
  override readonly name = 'BadDatabaseAddress';
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`. Throws BadDatabaseAddress with a sentence that
 * names the part at fault.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = toUrl(text);
  const sslmode = url.searchParams.get('sslmode') ?? 'prefer';
  const address = {
    host: decode(url.hostname.replace(/^\[|\]$/g, ''), 'host'),
    port: url.port ? Number(url.port) : 5432,
    user: decode(url.username, 'user name'),
    password: decode(url.password, 'password'),
    database: decode(url.pathname.slice(1), 'database name'),
  };
  if (!address.host)
    throw new BadDatabaseAddress(
      'The address names no host: write postgres://user:password@host:port/database.',
    );
  if (address.host.includes('/')) {
    throw new BadDatabaseAddress(
      'The address names a socket’s folder: give the host and port of the server.',
    );
  }
  if (!address.user)
    throw new BadDatabaseAddress(
      'The address names no user: write postgres://user:password@host:port/database.',
    );
  if (!address.database)
    throw new BadDatabaseAddress('The address names no database: end it with /database.');
  if (Object.values(address).some((part) => String(part).includes('\0'))) {
    throw new BadDatabaseAddress('The address holds a zero byte: remove it.');
  }
  if (!isSslmode(sslmode))
    throw new BadDatabaseAddress(`The address’s sslmode must be one of ${sslmodes.join(', ')}.`);
  return { ...address, sslmode };
}

function toUrl(text: string): URL {
  let url: URL;
  // The URL parser drops these without a word, and with them a part of the password.
  if (/[\t\r\n]/.test(text.trim())) {
    throw new BadDatabaseAddress(
      'The address holds a tab or a line break: remove it, or write it as a % sequence.',
    );
  }
  try {
    url = new URL(text.trim());
  } catch {
    throw new BadDatabaseAddress(
      'This is no database address: write postgres://user:password@host:port/database.',
    );
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new BadDatabaseAddress('The address must begin with postgres:// or postgresql://.');
  }
  if (url.hash) throw new BadDatabaseAddress('The address holds a #: write it as %23.');
  if (url.port === '0') throw new BadDatabaseAddress('The address’s port must be 1 to 65535.');
  // What stands behind a ? may be the rest of a password, so it is never quoted.
  if ([...url.searchParams.keys()].some((name) => name !== 'sslmode')) {
    throw new BadDatabaseAddress(
      'The address holds an option other than sslmode: remove it, or write a ? of the password as %3F.',
    );
  }
  return url;
}

function decode(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new BadDatabaseAddress(`The address’s ${what} holds a bad % sequence: write a plain % as %25.`);
  }
}

function isSslmode(text: string): text is DatabaseAddress['sslmode'] {
  return sslmodes.some((mode) => mode === text);
}
