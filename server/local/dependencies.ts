import { makeCatalogueDatabase } from './catalogueDatabase.js';
import type { Child } from './child.js';
import { findPostgresBindirs, startPostgres, startTemporal, type EmbeddedContext } from './embedded.js';
import { startLocalInbox } from './mail.js';
import type { Superuser } from './postgres.js';
import type { Running } from './running.js';
import type { Secrets } from './secrets.js';
import { requireTemporal } from './temporal.js';

/** Where the services find what they depend on, embedded or elsewhere. */
export interface Dependencies {
  databaseUrl: string;
  temporalAddress: string;
  temporalUi: string | null;
  smtpUrl: string;
  /** The local inbox's page. */
  inboxPage: string | null;
  postgresBindirs: string[];
  /** The embedded PostgreSQL, which also serves the demo's databases. */
  postgres: { child: Child; superuser: Superuser } | undefined;
  temporal: Child | undefined;
}

/** Starts what is embedded and takes the rest from the settings. */
export async function startDependencies(
  context: EmbeddedContext,
  secrets: Secrets,
  running: Running,
): Promise<Dependencies> {
  const { settings, folder, ports } = context;
  const { external } = settings;
  if (external.temporalAddress !== undefined) await requireTemporal(external.temporalAddress);
  const needsPostgres = external.databaseUrl === undefined || settings.demo;
  const postgres = needsPostgres ? await startPostgres(context, secrets.postgresSuperuser) : undefined;
  const temporal = external.temporalAddress === undefined ? await startTemporal(context) : undefined;
  const inbox = external.smtpUrl === undefined ? await startLocalInbox(folder.mail, ports) : undefined;
  if (inbox !== undefined) running.addOther(() => inbox.stop());
  return {
    databaseUrl: external.databaseUrl ?? (await embeddedCatalogue(postgres?.superuser, secrets)),
    temporalAddress: external.temporalAddress ?? `127.0.0.1:${ports.temporal}`,
    temporalUi:
      temporal === undefined
        ? (external.temporalUiUrl ?? null)
        : `http://127.0.0.1:${settings.temporalUiPort}`,
    smtpUrl: external.smtpUrl ?? inbox?.smtpUrl ?? '',
    inboxPage: inbox?.page ?? null,
    postgresBindirs: postgres?.bindirs ?? (await findPostgresBindirs(context)),
    postgres,
    temporal,
  };
}

function embeddedCatalogue(superuser: Superuser | undefined, secrets: Secrets): Promise<string> {
  if (superuser === undefined) throw new Error('the catalogue has no database');
  return makeCatalogueDatabase(superuser, secrets.cataloguePassword);
}
