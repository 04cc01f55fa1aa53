import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { downloadFileName, filePath, type Content, type Role } from '#schema/domain';
import { AuditEntry, Download, DownloadFile, DownloadMail, User } from '#schema/entities';
import { FileServer } from '../../../server/download/files/fileServer.js';
import type { FileStore } from '../../../server/download/files/fileStore.js';
import { FolderStore } from '../../../server/download/files/folderStore.js';
import { OwnOrigins } from '../../../server/http/origin.js';
import { securityHeaders } from '../../../server/http/securityHeaders.js';
import type { Mailer } from '../../../server/identity/mailer.js';
import { sessionRoutes } from '../../../server/identity/sessionRoutes.js';
import { beginSession } from '../../../server/identity/sessions.js';
import type { ServerSettings } from '../../../server/settings.js';
import type { UserError } from '../../support/api.js';
import { newPerson } from '../../support/people.js';
import { api, backup, live, shop, useRestores } from './restoreFixture.js';

/** A download as these tests read it. */
export interface DownloadSeen {
  id: string;
  status: string;
  can: string[];
  contents: string[];
  sourceDescription: string;
  source: { id: string } | null;
  environment: { id: string } | null;
  files: Array<{ name: string; content: string; size: number; sha256: string; url: string | null }>;
  expiresAt: Date | null;
  revokedAt: Date | null;
  emailedTo: string | null;
  emailedAt: Date | null;
  mailState: string | null;
  mailProblem: string | null;
  uses: Array<{ at: Date; who: string; fileName: string }>;
  workflow: { workflowId: string };
}
/** What asking for a download answers with. */
export interface Payload {
  download: DownloadSeen | null;
  userErrors: UserError[];
}

/** What is read of a download. */
export const fields = `id status can contents sourceDescription source { ... on Backup { id } } environment { id }
  files { name content size sha256 url } expiresAt revokedAt emailedTo emailedAt mailState mailProblem
  uses { at who fileName } workflow { workflowId }`;
const payload = `{ download { ${fields} } userErrors { code field message } }`;

/** Somebody with a token, and with a session in a browser. */
export interface Somebody {
  id: string;
  email: string;
  token: string;
  tokenId: string;
  /** The header of a browser that is signed in as them. */
  cookie: { cookie: string };
}

export let storage: string;
/** An operator of the shop, anew for each test. */
export let operator: Somebody;
const servers: Array<() => Promise<void>> = [];

/** Has the catalogue, the shop with a backup, and a storage folder made for the tests of a file. */
export function useDownloads(): void {
  useRestores();
  beforeAll(async () => {
    storage = await mkdtemp(path.join(os.tmpdir(), 'holdfast-files-'));
  });
  afterAll(async () => {
    await Promise.all(servers.map((stop) => stop()));
    await rm(storage, { recursive: true, force: true });
  });
  beforeEach(async () => {
    operator = await somebody('OPERATOR');
  });
}

/** A new person with this role in the shop; null: none. */
export async function somebody(role: Role | null, isSupport = false): Promise<Somebody> {
  const roles = role ? { [shop.id]: role } : {};
  const { token, tokenId, email } = await newPerson(api.source, { roles, isSupport });
  const { id } = await api.source.getRepository(User).findOneByOrFail({ email });
  const secret = await beginSession(api.source, id);
  return { id, email, token, tokenId, cookie: { cookie: `holdfast_session=${secret}` } };
}

/** Asks for a download of the backup’s database, unless said otherwise. */
export const prepare = (token: string, input: object = {}) =>
  api.ask<Payload>(
    token,
    'prepareDownload',
    `mutation($input: PrepareDownloadInput!) { prepareDownload(input: $input) ${payload} }`,
    { input: { sourceId: backup.id, contents: ['DATABASE'], ...input } },
  );

/** Asks for something to be done with a download. */
export const tell = (
  mutation: 'revokeDownload' | 'reissueDownload' | 'cancelJob' | 'retryJob',
  id: string,
  token = operator.token,
) =>
  api.ask<Payload & { job: { status: string } | null }>(
    token,
    mutation,
    `mutation($id: ID!) { ${mutation}(id: $id) ${mutation.endsWith('Job') ? '{ job { status } userErrors { code field message } }' : payload} }`,
    { id },
  );

/** The download as somebody sees it. */
export const see = (id: string, token = operator.token) =>
  api.ask<DownloadSeen | null>(
    token,
    'node',
    `query($id: ID!) { node(id: $id) { ... on Download { ${fields} } } }`,
    { id },
  );

/** Codes and fields of the refusals; nothing may have been made. */
export const refusal = async (answer: Promise<Payload>) => {
  const { download: made, userErrors } = await answer;
  expect(made ?? null).toBeNull();
  return userErrors.map(({ code, field }) => [code, field?.join('.') ?? null]);
};

/** A download that succeeded, as the worker would have left it, without its files. */
export async function makeDownload(more: Partial<Download> = {}): Promise<Download> {
  const done = more.status === undefined || more.status === 'SUCCEEDED';
  const { id } = await api.source.getRepository(Download).save({
    projectId: shop.id,
    environmentId: live.id,
    sourceBackupId: backup.id,
    sourceDescription: 'as it was',
    contents: ['DATABASE' as const],
    status: 'SUCCEEDED' as const,
    expiresAt: done ? new Date(Date.now() + 3_600_000) : null,
    finishedAt: done ? new Date('2026-11-22T04:05:06.789Z') : null,
    ...more,
  });
  return api.source.getRepository(Download).findOneByOrFail({ id });
}

/** A file of that download with random bytes; they are put into the storage folder unless `put` takes them elsewhere. */
export async function makeFile(
  download: Download,
  size = 300_000,
  content: Content = 'DATABASE',
  put: (key: string, bytes: Buffer) => Promise<void> = intoFolder,
): Promise<{ file: DownloadFile; bytes: Buffer }> {
  const bytes = randomBytes(size);
  const slugs = { project: shop.slug, environment: 'live' };
  const file = await api.source.getRepository(DownloadFile).save({
    downloadId: download.id,
    name: downloadFileName(content, slugs, new Date('2026-11-22T03:00:00Z')),
    content,
    size,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    storageKey: `v1/${shop.id}/${live.id}/downloads/${download.id}/${content.toLowerCase()}`,
  });
  await put(file.storageKey, bytes);
  return { file, bytes };
}

async function intoFolder(key: string, bytes: Buffer): Promise<void> {
  const name = path.join(storage, key);
  await mkdir(path.dirname(name), { recursive: true });
  await writeFile(name, bytes);
}

/** The file server and sign-in on a port of their own. */
export interface Site {
  url: string;
  /** The stable address of a file there. */
  at(file: DownloadFile): string;
  /** The same of an address that the API gave, whose host is the configured one. */
  here(url: string): string;
  files: FileServer;
  stop(): Promise<void>;
}

/** Serves files of the storage folder, unless another store is given. */
export async function serve(
  settings: Partial<ServerSettings> = {},
  store: FileStore | null = new FolderStore(storage),
  mailer: Pick<Mailer, 'send'> | null = null,
): Promise<Site> {
  const app = express().disable('etag');
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const tools = {
    ...api.tools,
    settings: { ...api.tools.settings, PORT: port, ...settings },
    mailer: mailer as Mailer | null,
  };
  const origins = new OwnOrigins(tools.settings);
  const files = new FileServer(tools, origins, store, pino({ level: 'silent' }));
  app.use(securityHeaders, sessionRoutes(tools, origins), files.routes());
  const stop = async () => {
    files.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  servers.push(stop);
  return {
    url,
    at: ({ downloadId, name }) => url + filePath(downloadId, name),
    here: (address) => url + address.slice(new URL(address).origin.length),
    files,
    stop,
  };
}

/** Asks with exactly these headers: `fetch` would add some of its own. Redirects are not followed. */
export async function get(
  address: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(address, { method, headers, agent: false }, resolve).once('error', reject).end();
  });
  const status = answer.statusCode ?? 0;
  const isBare = method === 'HEAD' || status === 304;
  if (isBare) answer.resume();
  const said = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = isBare ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers: said });
}

/** What the audit log says of a download, oldest first. */
export const audited = (id: string) =>
  api.source.getRepository(AuditEntry).find({ where: { subjectId: id }, order: { id: 'ASC' } });

/** The mails about a download. */
export const mailsOf = (id: string) =>
  api.source.getRepository(DownloadMail).find({ where: { downloadId: id }, order: { createdAt: 'ASC' } });
