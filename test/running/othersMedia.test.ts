import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '#schema/domain';
import { Api, type UserError } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { freePort, type Ready } from '../support/holdfast.js';
import { startNative, untilReady, type NativeProcess } from '../support/native.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject, moveEnvironment } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';

// Media of one project must not become readable by another one, which anybody may make.

let data: string;
let ready: Ready;
let source: DataSource;
let folder: string;
/** The shop’s media. */
let live: string;
let owner: Api;
let shop: string;

beforeAll(async () => {
  ({ data, ready } = await sharedHoldfast());
  source = await openCatalogue(data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-others-'));
  live = path.join(folder, 'shop', 'live');
  await mkdir(path.join(live, 'photos'), { recursive: true });
  await writeFile(path.join(live, 'photos', 'a.jpg'), 'a');
  await symlink(live, path.join(folder, 'link'));
  owner = new Api(ready.graphql, (await newPerson(source)).token);
  shop = await makeProject(owner, 'others-shop');
  await makeEnvironment(owner, shop, 'live', { media: { directory: path.join(folder, 'link') } });
});
afterAll(async () => {
  await source.destroy();
  await rm(folder, { recursive: true, force: true });
});

/** Somebody of this role in the shop, with a project of their own. */
async function somebody(of: Parameters<typeof newPerson>[1], graphql = ready.graphql) {
  const api = new Api(graphql, (await newPerson(source, of)).token);
  const own = await makeProject(api, 'others-own');
  const add = async (media: Record<string, unknown>, projectId = own) =>
    (
      await api.ask<{ userErrors: UserError[] }>(
        'createEnvironment',
        'mutation($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { userErrors { code field message } } }',
        { input: { projectId, slug: randomUUID(), name: 'E', stage: 'TEST', media } },
      )
    ).userErrors;
  return { api, own, add };
}

describe('a folder that another project backs up', () => {
  const refused = [{ code: 'INVALID', field: ['input', 'media', 'directory'], message: expect.any(String) }];

  test.each([{ roles: 'VIEWER' }, { roles: 'OPERATOR' }, {}, { isSupport: true }] as const)(
    'is refused to %j, however it is written, and nothing of the other project is told',
    async (who) => {
      const roles: Record<string, Role> = 'roles' in who && who.roles ? { [shop]: who.roles } : {};
      const { add } = await somebody({ roles, isSupport: 'isSupport' in who });
      const places = [
        live,
        `${live}/`,
        path.join(folder, 'link'),
        path.join(folder, 'link', 'photos'),
        path.join(folder, 'link', 'not-there-yet'),
        path.join(folder, 'shop'),
        folder,
        '/',
      ];
      for (const directory of places) {
        const found = await add({ directory });
        expect({ directory, found }).toEqual({
          directory,
          found: directory === '/' ? [expect.anything()] : refused,
        });
        expect(JSON.stringify(found)).not.toMatch(/shop|live/i);
      }
      expect(await add({ directory: path.join(folder, 'shop', `live-${randomUUID()}`) })).toEqual([]);
    },
  );

  test('is refused where an environment is changed, too', async () => {
    const { api, own } = await somebody({ roles: { [shop]: 'VIEWER' } });
    const environment = await makeEnvironment(api, own, 'mine', {
      media: { directory: path.join(folder, 'mine') },
    });
    await expect(moveEnvironment(api, environment, { media: { directory: live } })).rejects.toThrow(
      /input.*media.*directory/,
    );
  });

  test('may be shared by whoever is administrator of both, and within one project', async () => {
    const { add } = await somebody({ roles: { [shop]: 'ADMIN' } });
    expect(await add({ directory: live })).toEqual([]);
    expect(await add({ directory: live }, shop)).toEqual([]);
  });

  test('is free again when its environment is deleted', async () => {
    const { api, own, add } = await somebody({});
    const directory = path.join(folder, 'left');
    const { slug } = await api.ask<{ slug: string }>(
      'node',
      'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
      { id: own },
    );
    const environment = await makeEnvironment(api, own, 'left', { media: { directory } });
    const other = await somebody({});
    expect(await other.add({ directory })).toHaveLength(1);
    await api.make(
      'deleteEnvironment',
      'project',
      'mutation($id: ID!, $c: String!) { deleteEnvironment(id: $id, confirmation: $c) { project { id } userErrors { code field message } } }',
      { id: environment, c: `${slug}/left` },
    );
    expect(await other.add({ directory })).toEqual([]);
    expect(await add({ directory })).toHaveLength(1);
  });
});

describe('a bucket that another project backs up, and that the worker’s own keys open', () => {
  let server: NativeProcess;
  let graphql: string;

  beforeAll(async () => {
    const port = await freePort();
    server = startNative(['node', 'dist/server/main.js'], {
      DATABASE_URL: (await Databases.of(data)).catalogueUrl(),
      HOLDFAST_SECRET_KEY: (await readFile(path.join(data, 'secrets/secret-key'), 'utf8')).trim(),
      TEMPORAL_ADDRESS: ready.temporalAddress,
      HOLDFAST_MEDIA_BUCKETS: 's3://shared-media',
      PORT: String(port),
    });
    await untilReady(server, port);
    graphql = `http://127.0.0.1:${port}/graphql`;
    await makeEnvironment(new Api(graphql, owner.token), shop, 'bucket', {
      media: { s3: { bucket: 'shared-media', prefix: 'shop/live' } },
    });
  });
  afterAll(() => server.kill('SIGTERM'));

  test('is refused to members who are no administrators', async () => {
    const { add } = await somebody({ roles: { [shop]: 'OPERATOR' } }, graphql);
    for (const prefix of ['shop/live', 'shop/live/photos/', 'shop', '']) {
      expect(await add({ s3: { bucket: 'shared-media', prefix } })).toMatchObject([
        { code: 'INVALID', field: ['input', 'media', 's3', 'accessKeyId'] },
      ]);
    }
    expect(await add({ s3: { bucket: 'shared-media', prefix: 'shop/live-2' } })).toEqual([]);
  });

  test('may be read by its administrators, and with keys to it', async () => {
    const bucket = { bucket: 'shared-media', prefix: 'shop/live' };
    const admin = await somebody({ roles: { [shop]: 'ADMIN' } }, graphql);
    expect(await admin.add({ s3: bucket })).toEqual([]);
    const { add } = await somebody({}, graphql);
    expect(await add({ s3: { ...bucket, accessKeyId: 'id', secretAccessKey: 'secret' } })).toEqual([]);
  });
});
