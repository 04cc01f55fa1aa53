import { DataSource } from 'typeorm';
import {
  ApiToken,
  AuditEntry,
  Backup,
  BackupPack,
  BackupPart,
  Download,
  DownloadFile,
  DownloadMail,
  Environment,
  IdempotencyKey,
  Member,
  Pack,
  PackContent,
  Project,
  Restore,
  Session,
  SignInLink,
  User,
} from '#schema/entities';
import { migrations } from './migrations/index.js';

export interface CatalogueOptions {
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections at most. */
  poolSize: number;
}

/** Describes the catalogue to TypeORM; the caller initialises and destroys it. */
export function catalogue({ databaseUrl, applicationName, poolSize }: CatalogueOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: databaseUrl,
    applicationName,
    poolSize,
    connectTimeoutMS: 10_000,
    entities: [
      User,
      Session,
      SignInLink,
      ApiToken,
      Project,
      Member,
      Environment,
      Backup,
      BackupPart,
      Pack,
      BackupPack,
      PackContent,
      IdempotencyKey,
      Restore,
      Download,
      DownloadFile,
      DownloadMail,
      AuditEntry,
    ],
    migrations,
    migrationsTableName: 'holdfast_migrations',
    migrationsTransactionMode: 'all',
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    synchronize: false,
  });
}

/** Brings the catalogue to the current form; does nothing where it is. Two at once wait for each other. */
export async function migrateCatalogue(databaseUrl: string): Promise<void> {
  const source = catalogue({ databaseUrl, applicationName: 'holdfast migrations', poolSize: 2 });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock(4846001)');
    await source.runMigrations();
  } finally {
    await lock.query('SELECT pg_advisory_unlock(4846001)');
    await lock.release();
    await source.destroy();
  }
}
