import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api, UserError } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeEnvironment, makeProject, moveEnvironment, tellJob } from '../support/projects.js';
import { S3Server, type ServerKeys } from '../support/s3Server.js';
import { readBack } from '../support/sealedBackup.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';

const files = new Map<string, Buffer>([
  ['photos/a b+é.jpg', randomBytes(40_000)],
  ['photos/again.jpg', Buffer.from('twice')],
  ['readme.txt', Buffer.from('twice')],
  ['video.mp4', randomBytes(6_000_000)],
]);

let api: Api;
let data: string;
let databases: Databases;
let storage: StorageTree;
let server: S3Server;
let bucket: string;
let keys: ServerKeys;
let project: string;
let environmentId: string;
/** Every secret that was given, right or wrong. */
const secrets: string[] = [];

beforeAll(async () => {
  ({ api, data } = await sharedHoldfast());
  databases = await Databases.of(data);
  storage = new StorageTree(path.join(data, 'storage'));
  server = await S3Server.start();
  bucket = await server.makeBucket();
  for (const [name, bytes] of files) await put(`uploads/${name}`, bytes);
  await put('elsewhere/hidden', Buffer.from('not below the prefix'));
  keys = await server.makeUser(bucket, ['s3:ListBucket', 's3:GetObject']);
  project = await makeProject(api, 's3-media');
});
afterAll(() => server.remove());

async function put(key: string, bytes: Buffer): Promise<void> {
  await server.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
}

/** The bucket as the API takes it. */
function media(more: Record<string, unknown> = {}) {
  const s3 = { bucket, prefix: 'uploads', endpoint: server.endpoint, ...keys, ...more };
  secrets.push(String(s3.secretAccessKey), String(s3.accessKeyId));
  return { media: { s3 } };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function check(): Promise<Array<{ code: string; message: string }>> {
  const { findings } = await api.make<{ findings: Array<{ code: string; message: string }> }>(
    'checkEnvironment',
    'check',
    `mutation($id: ID!) { checkEnvironment(id: $id) { check { findings { code message } } userErrors { code field message } } }`,
    { id: environmentId },
  );
  return findings;
}

test('what cannot be a bucket is refused with the field at fault', async () => {
  const refused = async (given: unknown) =>
    (
      await api.ask<{ userErrors: UserError[] }>(
        'createEnvironment',
        `mutation($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { userErrors { code field message } } }`,
        { input: { projectId: project, slug: 'refused', name: 'x', stage: 'TEST', media: given } },
      )
    ).userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
  expect(await refused({})).toEqual(['INVALID input.media']);
  expect(await refused({ directory: '/srv', s3: { bucket } })).toEqual(['INVALID input.media']);
  expect(
    await refused({
      s3: {
        bucket: 'No Bucket',
        prefix: '/up',
        endpoint: 'https://user:pass@s3.example.org',
        region: 'eu/x',
        accessKeyId: 'alone',
      },
    }),
  ).toEqual(
    ['bucket', 'prefix', 'endpoint', 'region', 'secretAccessKey'].map(
      (name) => `INVALID input.media.s3.${name}`,
    ),
  );
  expect(await refused({ s3: { bucket, endpoint: 'http://169.254.213.7' } })).toEqual([
    'INVALID input.media.s3.endpoint',
  ]);
});

test('an environment with media in S3 is checked and backed up, byte for byte', async () => {
  environmentId = await makeEnvironment(api, project, 'live', media());
  const has = await api.ask<{ hasMedia: boolean }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Environment { hasMedia } } }',
    { id: environmentId },
  );
  expect(has.hasMedia).toBe(true);
  expect(await check()).toEqual([]);
  const id = await api.createBackup(environmentId, ['MEDIA']);
  const backup = await api.untilBackup(id, ['SUCCEEDED']);
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  expect(backup).toMatchObject({ warnings: [], totalSize: size });
  expect(backup.parts).toMatchObject([{ content: 'MEDIA', itemCount: files.size }]);
  const document = await storage.document(id);
  if (!document) throw new Error('The backup is not sealed');
  expect(await readBack(storage, document, '')).toMatchObject({ files: files.size, wrong: [] });
  const manifest = gunzipSync(await readFile(path.join(storage.root, document.parts[0]?.key ?? '')));
  const lines = manifest
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; type: string; sha256?: string });
  expect(lines.map(({ path: name, type, sha256: hash }) => [name, type, hash])).toEqual([
    ['photos', 'directory', undefined],
    ...[...files].map(([name, bytes]) => [name, 'file', sha256(bytes)]),
  ]);
});

test('database and media are one backup, measured together', async () => {
  const { url } = await databases.make('s3_media');
  await moveEnvironment(api, environmentId, { databaseUrl: url });
  const backup = await api.untilBackup(await api.createBackup(environmentId, ['DATABASE', 'MEDIA']), [
    'SUCCEEDED',
  ]);
  expect(backup.parts.map(({ content }) => content).sort()).toEqual(['DATABASE', 'MEDIA']);
});

test('wrong keys fail with what to mend, and right ones mend it', async () => {
  await moveEnvironment(api, environmentId, media({ secretAccessKey: 'wrong-secret-of-media' }));
  expect(await check()).toEqual([
    {
      code: 'MEDIA_UNREADABLE',
      message: expect.stringMatching(/^media\.s3\.accessKeyId: .*Correct the keys/),
    },
  ]);
  const id = await api.createBackup(environmentId, ['MEDIA']);
  const { failure } = await api.untilBackup(id, ['FAILED']);
  expect(failure).toMatchObject({ code: 'MEDIA_UNREADABLE', retryable: true });
  expect(failure?.message).toContain(`“${bucket}/uploads/”`);
  expect(failure?.message).toContain('Correct the keys in the environment’s settings, then retry.');
  expect(await storage.ofBackup(id)).toEqual([]);
  await moveEnvironment(api, environmentId, media());
  await tellJob(api, 'retryJob', id);
  await api.untilBackup(id, ['SUCCEEDED']);
});

test('keys go with their bucket, and with the environment', async () => {
  const kept = async () =>
    (
      await databases.catalogue<{ s3: unknown; sealed: string | null; folder: string | null }>(
        'SELECT media_s3 AS s3, media_s3_keys_sealed AS sealed, media_directory AS folder FROM environments WHERE id = $1',
        [environmentId],
      )
    )[0];
  const place = { bucket, prefix: 'uploads/', endpoint: server.endpoint, region: null };
  expect(await kept()).toMatchObject({ s3: place, sealed: expect.stringMatching(/^v1\./), folder: null });
  await moveEnvironment(api, environmentId, media({ accessKeyId: null, secretAccessKey: null }));
  expect(await kept()).toMatchObject({ s3: place, sealed: null });
  expect((await check())[0]?.message).toMatch(/to everybody, and there are no keys/);
  await moveEnvironment(api, environmentId, media());
  await moveEnvironment(api, environmentId, { media: { directory: '/srv/media' } });
  expect(await kept()).toEqual({ s3: null, sealed: null, folder: '/srv/media' });
  await moveEnvironment(api, environmentId, media());
  await api.make(
    'deleteEnvironment',
    'project',
    `mutation($id: ID!, $c: String!) { deleteEnvironment(id: $id, confirmation: $c) { project { id } userErrors { code field message } } }`,
    { id: environmentId, c: `${await slugOf()}/live` },
  );
  expect(await kept()).toEqual({ s3: null, sealed: null, folder: null });
});

test('no key stands readable in the catalogue, the logs or Temporal', async () => {
  const given = secrets.filter((each) => each !== 'null');
  expect(given.length).toBeGreaterThan(4);
  // Sealed ones, too.
  await makeEnvironment(api, project, 'again', media());
  const rows = await databases.catalogue('SELECT to_json(e)::text AS it FROM environments e');
  const jobs = await databases.catalogue('SELECT to_json(b)::text AS it FROM backups b');
  const places = [JSON.stringify([rows, jobs])];
  for (const folder of ['logs', 'temporal']) {
    for (const name of await readdir(path.join(data, folder))) {
      places.push((await readFile(path.join(data, folder, name))).toString('latin1'));
    }
  }
  for (const secret of given) expect(places.filter((place) => place.includes(secret))).toEqual([]);
});

async function slugOf(): Promise<string> {
  const { slug } = await api.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id: project },
  );
  return slug;
}
