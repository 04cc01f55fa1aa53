import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import WebSocket from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '#schema/catalogue';
import { Api } from '../support/api.js';
import { asNative } from '../support/composeProcess.js';
import { Databases } from '../support/databases.js';
import { freePort } from '../support/holdfast.js';
import { readiness, runNative, startNative, untilReady, type NativeProcess } from '../support/native.js';
import { makeOwnCatalogue, type OwnCatalogue } from '../support/ownCatalogue.js';
import { newPerson } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { S3Server } from '../support/s3Server.js';
import { sharedHoldfast } from '../support/shared.js';

// The compose file’s own commands and environments, without Docker: host names and folders of containers are replaced
// by this machine’s, the shared Holdfast’s PostgreSQL and Temporal dev server stand in for those of the file.

const variables = {
  HOLDFAST_SECRETS: '/secrets',
  HOLDFAST_MEDIA: '/media',
  HOLDFAST_PUBLIC_URL: 'https://backups.example.org',
  HOLDFAST_ADMIN_EMAIL: 'Admin@Example.org',
  MAIL_FROM: 'Holdfast <holdfast@example.org>',
};
const bucket = 'holdfast';
let folder: string;
let own: OwnCatalogue;
let s3: S3Server;
let databases: Databases;
let start: (name: string, ...options: string[]) => { command: string[]; environment: Record<string, string> };
let apiPort: number;
let workerPort: number;
const running: Record<string, NativeProcess> = {};

beforeAll(async () => {
  const { data, ready } = await sharedHoldfast();
  databases = await Databases.of(data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-production-'));
  for (const name of ['secrets', 'media', 'spool']) await mkdir(path.join(folder, name));
  own = await makeOwnCatalogue(data);
  s3 = await S3Server.start();
  await s3.client.send(new CreateBucketCommand({ Bucket: bucket }));
  const secrets = {
    'database-url': own.url(),
    'secret-key': randomBytes(32).toString('base64'),
    'smtp-url': 'smtp://127.0.0.1:9',
    's3-secret-access-key': s3.keys.secretAccessKey,
  };
  for (const [name, secret] of Object.entries(secrets)) {
    await writeFile(path.join(folder, 'secrets', name), `${secret}\n`, { mode: 0o600 });
  }
  [apiPort, workerPort] = [await freePort(), await freePort()];
  const places = {
    '/run/secrets': path.join(folder, 'secrets'),
    '/media': path.join(folder, 'media'),
    '/spool': path.join(folder, 'spool'),
    'temporal:7233': ready.temporalAddress,
    'http://storage:7070': s3.endpoint,
    '0.0.0.0': '127.0.0.1',
  };
  const ports: Record<string, Record<string, string>> = {
    api: { PORT: String(apiPort) },
    worker: { HEALTH_PORT: String(workerPort) },
  };
  start = (name, ...options) => {
    const set = { ...variables, S3_ACCESS_KEY_ID: s3.keys.accessKeyId };
    const { command, environment } = asNative(name, set, places, ports[name] ?? {});
    return { command: [...command, ...options], environment };
  };
});

afterAll(async () => {
  for (const each of Object.values(running)) await each.kill('SIGKILL');
  await s3.remove();
  await own.drop();
  await rm(folder, { recursive: true });
});

/** Runs the one-shot; answers with what it said. */
function prepare(...options: string[]): Promise<string> {
  const { command, environment } = start('prepare', ...options);
  return runNative(command, environment);
}

const linkIn = (said: string) => /https:\/\/backups\.example\.org(\/sign-in\/\S+)/.exec(said)?.[1];

test('before it is prepared the server lives, and says what it waits for', async () => {
  const { command, environment } = start('api');
  const server = startNative(command, environment);
  try {
    await expect.poll(() => readiness(apiPort), { timeout: 60_000 }).toMatchObject({ status: 503 });
    const { body } = await readiness(apiPort);
    expect(body).toContain('migrations of the catalogue that have not run: FirstLight');
    expect(body).toContain('Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)');
    expect((await fetch(`http://127.0.0.1:${apiPort}/healthz`)).status).toBe(200);
  } finally {
    await server.kill('SIGTERM');
  }
});

test('two that prepare at once take turns, and a third changes nothing', async () => {
  const said = await Promise.all([prepare(), prepare()]);
  expect(said.filter((each) => each.includes('The namespace “holdfast” was made'))).toHaveLength(1);
  expect(said.filter((each) => each.includes('Search attributes were added'))).toHaveLength(1);
  const third = await prepare();
  expect(third.split('\n').filter(Boolean)).toEqual([
    'The catalogue is up to date.',
    'Temporal has its namespace and search attributes.',
    'The first administrator is admin@example.org.',
    expect.stringMatching(/^Sign in once, within 24 hours: https:\/\/backups\.example\.org\/sign-in\/hfb_/),
  ]);
});

test('what cannot be prepared is said in one line that names the setting, without the secret', async () => {
  const { command, environment } = start('prepare');
  const wrong = path.join(folder, 'wrong-url');
  await writeFile(wrong, own.url().replace(own.password, 'hunter2'));
  await expect(runNative(command, { ...environment, DATABASE_URL_FILE: wrong })).rejects.toThrow(
    /ended with 1:\nThe catalogue \(DATABASE_URL\) could not be prepared: password authentication failed[^\n]*\n$/,
  );
  await expect(runNative([...command, '--link'], environment)).rejects.toThrow('There is one option');
});

test('API and worker start with the values of the compose file, and can do their work', async () => {
  for (const [name, port] of [
    ['api', apiPort],
    ['worker', workerPort],
  ] as const) {
    const { command, environment } = start(name);
    running[name] = startNative(command, environment);
    await untilReady(running[name], port);
    expect(await readiness(port)).toEqual({ status: 200, body: 'ready' });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  }
});

test('the link signs the first administrator in, once; later ones are made on demand only', async () => {
  const link = linkIn(await prepare()) ?? '';
  const open = () => fetch(`http://127.0.0.1:${apiPort}${link}`, { redirect: 'manual' });
  const cookie = (await open()).headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^__Host-/);
  expect(cookie).toContain('Secure');
  expect(cookie).toContain('HttpOnly');
  expect((await open()).headers.get('set-cookie')).toBeNull();
  const viewer = await fetch(`http://127.0.0.1:${apiPort}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: cookie.split(';', 1)[0] ?? '' },
    body: JSON.stringify({ query: '{ viewer { email isSupport } }' }),
  });
  expect(await viewer.json()).toEqual({
    data: { viewer: { email: 'admin@example.org', isSupport: true } },
  });
  expect(linkIn(await prepare())).toBeUndefined();
  expect(linkIn(await prepare('--sign-in-link'))).toMatch(/^\/sign-in\/hfb_/);
});

test('live connections are for pages of the public address', async () => {
  expect(await upgrade('https://backups.example.org')).toBe('open');
  expect(await upgrade('https://evil.example')).toBe('refused');
});

test('a backup goes through into the bucket', async () => {
  const source = await catalogue({
    databaseUrl: own.url(),
    applicationName: 'holdfast test',
    poolSize: 1,
  }).initialize();
  try {
    const { token } = await newPerson(source);
    const api = new Api(`http://127.0.0.1:${apiPort}/graphql`, token);
    const media = path.join(folder, 'media', 'shop');
    await mkdir(media);
    await writeFile(path.join(media, 'photo.jpg'), randomBytes(100_000));
    const project = await makeProject(api, 'production');
    await expect(makeEnvironment(api, project, 'outside', { media: { directory: folder } })).rejects.toThrow(
      'HOLDFAST_MEDIA_ROOTS',
    );
    const { url } = await databases.make('production', 12);
    const live = await makeEnvironment(api, project, 'live', {
      databaseUrl: url,
      media: { directory: media },
    });
    const id = await api.createBackup(live, ['DATABASE', 'MEDIA']);
    const backup = await api.untilBackup(id, ['SUCCEEDED']);
    expect(backup.workflow.workflowId).toBe(`backup/${id}`);
    const objects = await s3.objects(bucket);
    expect(objects.filter((key) => key.endsWith('/backup.json'))).toEqual([
      `v1/${project}/${live}/backups/${id}/backup.json`,
    ]);
    expect(objects.filter((key) => !key.startsWith(`v1/${project}/${live}/`))).toEqual([]);
  } finally {
    await source.destroy();
  }
});

test('told to stop, both end by themselves in time', async () => {
  for (const name of ['worker', 'api']) {
    const process = running[name];
    const begun = Date.now();
    await process?.kill('SIGTERM');
    expect(await process?.ended, process?.said()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(30_000);
  }
});

/** What becomes of a WebSocket that a page of this origin opens. */
function upgrade(origin: string): Promise<'open' | 'refused'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${apiPort}/graphql`, 'graphql-transport-ws', { origin });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('error', () => resolve('refused'));
  });
}
