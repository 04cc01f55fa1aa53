import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import {
  AuditEntry,
  Backup,
  Download,
  DownloadFile,
  DownloadMail,
  Member,
  Project,
  Restore,
  User,
} from '#schema/entities';
import { createToken } from '../../server/identity/apiTokens.js';
import { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { newPerson } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { everyCaller, makePerson, type Caller, type Person } from './callers.js';

/** A project with all that it may hold, and its people. Everything in it can be told by its mark. */
export interface Cast {
  mark: string;
  slug: string;
  project: string;
  environment: string;
  environmentSlug: string;
  /** Its media folder is gone: a check of it finds that. */
  brokenEnvironment: string;
  deletedEnvironment: string;
  backup: string;
  failedBackup: string;
  /** A restore of the backup, which was cancelled. */
  restore: string;
  /** A download of the backup, with a file, a mail to the maker and a use. */
  download: string;
  /** Another one, which was cancelled. */
  canceledDownload: string;
  commit: string;
  /** A member who asks for nothing, and a token of theirs. */
  member: string;
  memberToken: string;
  /** The project that the stranger belongs to. */
  foreignSlug: string;
  people: Record<Caller, Person>;
  /** Throw-away things. */
  spareEnvironment(): Promise<{ id: string; confirmation: string }>;
  spareToken(person: Person): Promise<string>;
  sparePerson(caller: Caller): Promise<Person>;
  /** A word that nothing else is called, without the mark. */
  newWord(): string;
  /** Asks as the project’s maker. */
  api: Api;
  /** All that must not reach anybody who may not see the project. */
  secrets(): Promise<string[]>;
  leave(): Promise<void>;
}

/** Makes a project with a backup that succeeded, one that failed, people of every role, and a stranger’s project. */
export async function makeCast(source: DataSource, ready: Ready): Promise<Cast> {
  const mark = `canary${randomBytes(6).toString('hex')}`;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-access-'));
  const gone = path.join(folder, `${mark}-gone`);
  await writeFile(path.join(folder, 'a.txt'), mark);
  await mkdir(gone);
  let words = 0;
  const newWord = () => `w${process.pid}-${Date.now().toString(36)}-${(words += 1)}`;

  const { token } = await newPerson(source);
  const api = new Api(ready.graphql, token);
  const project = await makeProject(api, mark);
  const environmentSlug = `${mark}-live`;
  const media = { directory: folder };
  const environment = await makeEnvironment(api, project, environmentSlug, { media });
  const brokenEnvironment = await makeEnvironment(api, project, `${mark}-broken`, {
    media: { directory: gone },
  });
  await rm(gone, { recursive: true });
  const commit = randomBytes(20).toString('hex');
  const userErrors = 'userErrors { code field message }';
  await api.make(
    'recordDeployment',
    'environment',
    `mutation($e: ID!, $c: String!) { recordDeployment(environmentId: $e, gitCommit: $c) { environment { id } ${userErrors} } }`,
    { e: environment, c: commit },
  );
  const { slug } = await source.getRepository(Project).findOneByOrFail({ id: project });
  const spareEnvironment = async () => {
    const its = `${mark}-${newWord()}`;
    return { id: await makeEnvironment(api, project, its, {}), confirmation: `${slug}/${its}` };
  };
  const deleted = await spareEnvironment();
  await api.make(
    'deleteEnvironment',
    'project',
    `mutation($id: ID!, $confirmation: String!) {
      deleteEnvironment(id: $id, confirmation: $confirmation) { project { id } ${userErrors} } }`,
    deleted,
  );

  const sparePerson = (caller: Caller) =>
    makePerson(source, ready, caller, project, caller === 'stranger' ? 'Stranger' : mark);
  const people = Object.fromEntries(
    await Promise.all(everyCaller.map(async (caller) => [caller, await sparePerson(caller)] as const)),
  ) as Record<Caller, Person>;
  const member = await sparePerson('operator');
  // Something of their own, for each.
  await Promise.all(Object.values(people).map(({ id }) => createToken(source, id, 'own', null)));
  const foreign = new Api(ready.graphql, (await newPerson(source)).token);
  const foreignProject = await makeProject(foreign, 'stranger');
  await source
    .getRepository(Member)
    .insert({ projectId: foreignProject, userId: people.stranger.id, role: 'ADMIN' });
  await makeEnvironment(foreign, foreignProject, 'live', { media: { directory: `${folder}-foreign` } });
  // One who was invited and never came.
  const invited = await source
    .getRepository(User)
    .save({ name: `${mark} invited`, email: `${mark}@example.org`, signedInAt: null });
  await source.getRepository(Member).insert({ projectId: project, userId: invited.id, role: 'VIEWER' });
  const spareToken = async ({ id }: Pick<Person, 'id'>) =>
    (await createToken(source, id, 'spare', null)).token.id;

  const backup = await api.createBackup(environment, ['MEDIA'], `${mark} note`);
  const failedBackup = await api.createBackup(brokenEnvironment, ['MEDIA'], `${mark} fails`);
  await api.untilBackup(backup, ['SUCCEEDED']);
  await api.untilBackup(failedBackup, ['FAILED']);

  const { id: restore } = await source.getRepository(Restore).save({
    projectId: project,
    environmentId: environment,
    status: 'CANCELED' as const,
    sourceBackupId: backup,
    sourceDescription: `${mark} restored`,
    contents: ['MEDIA' as const],
    warnings: [],
  });

  const { id: download } = await source.getRepository(Download).save({
    projectId: project,
    environmentId: environment,
    status: 'SUCCEEDED' as const,
    sourceBackupId: backup,
    sourceDescription: `${mark} downloaded`,
    contents: ['MEDIA' as const],
    // Later than anybody who joins it would want: nothing of it changes.
    expiresAt: new Date(Date.now() + 9_000 * 3_600_000),
  });
  const { id: canceledDownload } = await source.getRepository(Download).save({
    projectId: project,
    environmentId: environment,
    status: 'CANCELED' as const,
    sourceBackupId: backup,
    sourceDescription: `${mark} not downloaded`,
    contents: ['MEDIA' as const],
  });
  await source.getRepository(DownloadFile).insert({
    downloadId: download,
    name: `${mark}.media.tar`,
    content: 'MEDIA',
    size: 1,
    sha256: '0'.repeat(64),
    storageKey: `v1/${mark}`,
  });
  await source.getRepository(DownloadMail).insert({ downloadId: download, userId: member.id });
  await source.getRepository(AuditEntry).insert({
    deed: 'download',
    noun: 'Download',
    subjectId: download,
    projectId: project,
    userId: member.id,
    email: `${mark}@example.org`,
    by: 'session',
    details: { file: `${mark}.media.tar` },
  });

  return {
    mark,
    slug,
    project,
    environment,
    environmentSlug,
    brokenEnvironment,
    deletedEnvironment: deleted.id,
    backup,
    failedBackup,
    restore,
    download,
    canceledDownload,
    commit,
    member: member.id,
    memberToken: await spareToken(member),
    foreignSlug: (await source.getRepository(Project).findOneByOrFail({ id: foreignProject })).slug,
    people,
    spareEnvironment,
    spareToken,
    sparePerson,
    newWord,
    api,
    async secrets() {
      const members = await source.getRepository(Member).findBy({ projectId: project });
      const backups = await source.getRepository(Backup).findBy({ projectId: project });
      return [
        mark,
        project,
        environment,
        brokenEnvironment,
        deleted.id,
        restore,
        download,
        canceledDownload,
        commit,
        folder,
        ...members.map(({ userId }) => userId),
        ...backups.map(({ id }) => id),
      ];
    },
    async leave() {
      await Promise.all(Object.values(people).map((person) => person.leave()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
