import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, escapeIdentifier, escapeLiteral, type QueryResultRow } from 'pg';

interface Address {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** A project’s database that a test made: the role has its name and a password of its own. */
export interface ProjectDatabase {
  name: string;
  password: string;
  url: string;
}

/** The PostgreSQL server of a running Holdfast: its catalogue, and databases for projects. */
export class Databases {
  private constructor(
    private readonly superuser: Address,
    private readonly catalogueAddress: Address,
  ) {}

  /** Reads where the server is from the data folder. */
  static async of(data: string): Promise<Databases> {
    const { postgres: port } = JSON.parse(await readFile(path.join(data, 'ports.json'), 'utf8')) as {
      postgres: number;
    };
    const secret = async (name: string) => (await readFile(path.join(data, 'secrets', name), 'utf8')).trim();
    const server = { host: '127.0.0.1', port };
    return new Databases(
      { ...server, user: 'postgres', password: await secret('postgres-superuser'), database: 'postgres' },
      { ...server, user: 'holdfast', password: await secret('catalogue-password'), database: 'holdfast' },
    );
  }

  get port(): number {
    return this.superuser.port;
  }

  /** The catalogue’s address; the host may be spelled otherwise. */
  catalogueUrl(host = '127.0.0.1'): string {
    const { user, password, port, database } = this.catalogueAddress;
    return `postgres://${user}:${password}@${host}:${port}/${database}`;
  }

  /** Asks the catalogue itself, past the API. */
  async catalogue<Row extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return withClient(this.catalogueAddress, async (client) => (await client.query<Row>(sql, values)).rows);
  }

  /** Holds what `sql` locks in the catalogue until `use` has ended. */
  async whileLocked<Result>(sql: string, values: unknown[], use: () => Promise<Result>): Promise<Result> {
    return withClient(this.catalogueAddress, async (client) => {
      await client.query('BEGIN');
      await client.query(sql, values);
      return use();
    });
  }

  /** Asks a database that `make` made, as its own role. */
  async ask<Row extends QueryResultRow>(
    { name, password }: ProjectDatabase,
    sql: string,
    values: unknown[] = [],
    database = name,
  ): Promise<Row[]> {
    const address = { ...this.superuser, user: name, password, database };
    return withClient(address, async (client) => (await client.query<Row>(sql, values)).rows);
  }

  /** Gives the role of a database that `make` made another password. */
  async setPassword({ name }: ProjectDatabase, password: string): Promise<void> {
    await withClient(this.superuser, (client) =>
      client.query(`ALTER ROLE ${escapeIdentifier(name)} PASSWORD ${escapeLiteral(password)}`),
    );
  }

  /** The names of all databases that begin so. */
  async names(prefix: string): Promise<string[]> {
    return withClient(this.superuser, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1',
        [prefix],
      );
      return rows.map(({ name }) => name);
    });
  }

  /** Locks the rows of a database that `make` made; answers with what lets go. */
  async lock({ name, password }: ProjectDatabase): Promise<() => Promise<void>> {
    const client = new Client({ ...this.superuser, user: name, password, database: name });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE notes');
    return () => client.end();
  }

  /** Closes the catalogue to everybody until `use` has ended. */
  async whileCatalogueIsAway(use: () => Promise<void>): Promise<void> {
    await withClient(this.superuser, async (client) => {
      const { database } = this.catalogueAddress;
      const allow = (yes: boolean) =>
        client.query(`ALTER DATABASE ${escapeIdentifier(database)} ALLOW_CONNECTIONS ${yes}`);
      await allow(false);
      try {
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
          database,
        ]);
        await use();
      } finally {
        await allow(true);
      }
    });
  }

  /** Makes a database of incompressible rows, a megabyte each, with a role of its own; `rights` e.g. `CREATEDB`. */
  async make(name: string, megabytes = 1, rights = ''): Promise<ProjectDatabase> {
    const password = `of-${name}`;
    const [role, secret] = [escapeIdentifier(name), escapeLiteral(password)];
    await withClient(this.superuser, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${role} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${role}`);
      await client.query(`CREATE ROLE ${role} LOGIN ${rights} PASSWORD ${secret}`);
      await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
    });
    await withClient({ ...this.superuser, user: name, password, database: name }, async (client) => {
      await client.query('CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL)');
      await client.query(
        `INSERT INTO notes SELECT row, (SELECT string_agg(md5(row || ' ' || word), '') FROM generate_series(1, 32768) AS word)
         FROM generate_series(1, $1::int) AS row`,
        [megabytes],
      );
    });
    return { name, password, url: this.urlOf(name, password) };
  }

  /** An address of a database on this server. */
  urlOf(name: string, password: string, database = name): string {
    return `postgres://${name}:${password}@127.0.0.1:${this.port}/${database}`;
  }
}

async function withClient<Result>(
  address: Address,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(address);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
