import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { Content, Role } from '#schema/domain';
import { Backup, BackupPart, Environment, Project, Restore } from '#schema/entities';
import type { UserError } from '../../support/api.js';
import { startOwnApi, type OwnApi } from '../../support/ownApi.js';
import { newPerson } from '../../support/people.js';
import { startPostgres, type PostgresServer } from '../engines/postgresServer.js';

/** A restore as these tests read it. */
export interface RestoreSeen {
  id: string;
  status: string;
  can: string[];
  canUndo: boolean;
  contents: string[];
  sourceDescription: string;
  source: { id: string } | null;
  safetyBackup: { id: string } | null;
  undoes: { id: string } | null;
  environment: { id: string };
  workflow: { workflowId: string };
}
/** What asking for a restore, or for a job to change, answers with. */
export interface Payload {
  restore: RestoreSeen | null;
  userErrors: UserError[];
}

/** What is read of a restore. */
export const fields = `id status can canUndo contents sourceDescription source { ... on Backup { id } } safetyBackup { id }
  undoes { id } environment { id } workflow { workflowId }`;
const payload = `{ restore { ${fields} } userErrors { code field message } }`;
/** Database and media. */
export const both: Content[] = ['DATABASE', 'MEDIA'];

let server: PostgresServer;
export let api: OwnApi;
/** Two projects, anew for each test: the shop’s Live with a backup of it, and a Test environment of the other. */
export let shop: Project;
export let other: Project;
export let live: Environment;
export let staging: Environment;
export let backup: Backup;
/** The administrator of both projects. */
export let admin: string;

/** Has all of the above made for the tests of a file. */
export function useRestores(): void {
  beforeAll(async () => {
    server = await startPostgres();
    await server.query('CREATE DATABASE catalogue');
    const { port, user, password } = server.address();
    api = await startOwnApi(`postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/catalogue`);
  });
  afterAll(async () => {
    await api.stop();
    await server.stop();
  });

  beforeEach(async () => {
    shop = await makeProject('shop');
    other = await makeProject('blog');
    live = await makeEnvironment(shop, 'live');
    staging = await makeEnvironment(other, 'staging');
    backup = await makeBackup(live);
    admin = await person({ [shop.id]: 'ADMIN', [other.id]: 'ADMIN' });
  });
}

async function makeProject(name: string): Promise<Project> {
  return api.source.getRepository(Project).save({ slug: `${name}-${randomUUID()}`, name });
}
async function makeEnvironment(project: Project, slug: string): Promise<Environment> {
  return api.source.getRepository(Environment).save({
    projectId: project.id,
    slug,
    name: slug,
    stage: slug === 'live' ? 'LIVE' : 'TEST',
    databaseUrlSealed: 'sealed',
    mediaDirectory: '/srv/media',
  });
}

/** A backup of both contents that succeeded, unless said otherwise. */
export async function makeBackup(environment: Environment, more: Partial<Backup> = {}): Promise<Backup> {
  const { id } = await api.source.getRepository(Backup).save({
    projectId: environment.projectId,
    environmentId: environment.id,
    kind: 'ON_DEMAND' as const,
    status: 'SUCCEEDED' as const,
    contents: both,
    note: 'Roll-back state',
    takenAt: new Date('2026-11-22T03:00:00Z'),
    totalSize: 3_000,
    warnings: [],
    ...more,
  });
  for (const content of more.contents ?? both) {
    await api.source.getRepository(BackupPart).insert({
      backupId: id,
      content,
      size: content === 'MEDIA' ? 1_000 : 2_000,
      sha256: '',
      itemCount: 1,
      document: {} as never,
    });
  }
  return api.source.getRepository(Backup).findOneByOrFail({ id });
}

/** A restore onto Live as the worker would have left it. */
export async function makeRestore(more: Partial<Restore>): Promise<Restore> {
  const { id } = await api.source.getRepository(Restore).save({
    projectId: shop.id,
    environmentId: live.id,
    sourceBackupId: backup.id,
    sourceDescription: 'as it was',
    contents: both,
    status: 'SUCCEEDED' as const,
    warnings: [],
    ...more,
  });
  return api.source.getRepository(Restore).findOneByOrFail({ id });
}
/** One that has switched and keeps what it replaced. */
export const kept = (): Partial<Restore> => ({
  journal: { database: null, media: null, inPlace: false },
  switchedAt: new Date(),
  finishedAt: new Date('2026-11-22T04:05:06Z'),
  undoUntil: new Date(Date.now() + 3_600_000),
});
/** Somebody with these roles, by their token. */
export const person = async (roles: Record<string, Role>) => (await newPerson(api.source, { roles })).token;

/** Asks for a restore of the backup onto Live, unless said otherwise. */
export const restore = (token: string, input: object) =>
  api.ask<Payload>(
    token,
    'restoreBackup',
    `mutation($input: RestoreBackupInput!) { restoreBackup(input: $input) ${payload} }`,
    {
      input: {
        sourceId: backup.id,
        destinationId: live.id,
        contents: both,
        confirmation: `${shop.slug}/live`,
        ...input,
      },
    },
  );

/** Asks for something to be done with a restore. */
export const tell = (mutation: 'undoRestore' | 'cancelJob' | 'retryJob', id: string, token = admin) =>
  api.ask<Payload & { job: { status: string } | null }>(
    token,
    mutation,
    `mutation($id: ID!) { ${mutation}(id: $id) ${mutation === 'undoRestore' ? payload : '{ job { status } userErrors { code field message } }'} }`,
    { id },
  );

/** The restore as somebody sees it. */
export const see = (id: string, token = admin) =>
  api.ask<RestoreSeen | null>(
    token,
    'node',
    `query($id: ID!) { node(id: $id) { ... on Restore { ${fields} } } }`,
    { id },
  );

/** Codes and fields of the refusals; nothing may have been made. */
export const refusal = async (answer: Promise<Payload>) => {
  const { restore: made, userErrors } = await answer;
  expect(made ?? null).toBeNull();
  return userErrors.map(({ code, field }) => [code, field?.join('.') ?? null]);
};
