import 'reflect-metadata';
import { Client } from 'pg';
import { catalogue as describeCatalogue, migrateCatalogue } from '#schema/catalogue';
import { BadSettings } from '#schema/config';
import { firstAdministrator, signInLink } from './firstAdministrator.js';
import { prepareTemporal, searchAttributesWork, WrongSearchAttributes } from './prepareTemporal.js';
import { prepareSettings, type PrepareSettings } from './settings.js';
import { waitFor } from './waitFor.js';

const patienceMs = 120_000;
const oneAtATime = 4_846_002;
/** What a PostgreSQL server answers, or the network does, while it is not there yet. */
const away = /^(E(CONNREFUSED|CONNRESET|NOTFOUND|AI_AGAIN|HOSTUNREACH|TIMEDOUT|PIPE)|57P0[0-9])$/;

/** A part that could not be prepared, with the setting to look at. */
class NotPrepared extends Error {}

/**
 * The one-shot before server and worker start: catalogue, Temporal, first administrator. It changes only what is
 * missing, so it runs at every deployment; two at once take turns.
 */
async function prepare(settings: PrepareSettings, wantsLink: boolean): Promise<void> {
  const turn = await takeTurn(settings.DATABASE_URL);
  try {
    await naming('The catalogue’s tables (DATABASE_URL)', () => migrateCatalogue(settings.DATABASE_URL));
    say('The catalogue is up to date.');
    await naming('Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)', () => readyTemporal(settings));
    say('Temporal has its namespace and search attributes.');
    await naming('The first administrator (DATABASE_URL)', () => welcome(settings, wantsLink));
  } finally {
    await turn.end();
  }
}

/** Waits until the catalogue answers and nobody else prepares; ending the connection gives the turn back. */
async function takeTurn(connectionString: string): Promise<Client> {
  const attempt = async () => {
    const client = new Client({
      connectionString,
      application_name: 'holdfast prepare',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [oneAtATime]);
    return client;
  };
  return naming('The catalogue (DATABASE_URL)', () =>
    waitFor({
      what: 'the catalogue (DATABASE_URL)',
      withinMs: patienceMs,
      attempt,
      mayPass: (error) => away.test(codeOf(error)) || String(error).includes('timeout'),
      say,
    }),
  );
}

async function readyTemporal(settings: PrepareSettings): Promise<void> {
  const needs = {
    address: settings.TEMPORAL_ADDRESS,
    namespace: settings.TEMPORAL_NAMESPACE,
    historyDays: settings.HOLDFAST_HISTORY_DAYS,
  };
  await waitFor({
    what: 'Temporal (TEMPORAL_ADDRESS)',
    withinMs: patienceMs,
    attempt: async () => {
      await prepareTemporal(needs, say);
      if (!(await searchAttributesWork(needs))) throw new Error('its new search attributes do not work yet');
    },
    mayPass: (error) => !(error instanceof WrongSearchAttributes),
    say,
  });
}

/** Makes the first administrator, and a sign-in link until they have signed in once; later only on demand. */
async function welcome(settings: PrepareSettings, wantsLink: boolean): Promise<void> {
  const catalogue = describeCatalogue({
    databaseUrl: settings.DATABASE_URL,
    applicationName: 'holdfast prepare',
    poolSize: 2,
  });
  await catalogue.initialize();
  try {
    const administrator = await firstAdministrator(catalogue, settings.HOLDFAST_ADMIN_EMAIL);
    say(`The first administrator is ${administrator.email}.`);
    if (administrator.signedInAt && !wantsLink) return;
    const link = await signInLink(catalogue, administrator, settings.HOLDFAST_PUBLIC_URL);
    say(`Sign in once, within 24 hours: ${link}`);
  } finally {
    await catalogue.destroy();
  }
}

async function naming<Answer>(what: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error: unknown) {
    throw new NotPrepared(`${what} could not be prepared: ${oneLine(error)}`);
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || codeOf(error) || error.name : String(error);
  return text.split('\n', 1)[0] ?? text;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const [option, ...more] = process.argv.slice(2);
  if (more.length > 0 || (option !== undefined && option !== '--sign-in-link')) {
    throw new NotPrepared(
      'There is one option: --sign-in-link prints a new link for the first administrator.',
    );
  }
  await prepare(prepareSettings(process.env), option !== undefined);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const told = error instanceof NotPrepared || error instanceof BadSettings;
    process.stderr.write(`${told ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
