import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Role } from '#schema/domain';
import { Environment, Restore } from '#schema/entities';
import {
  admin,
  api,
  backup,
  live,
  makeBackup,
  other,
  person,
  refusal,
  restore,
  shop,
  staging,
  useRestores,
} from './restoreFixture.js';

useRestores();

describe('restoreBackup', () => {
  test('keeps the request: a queued job at the destination, in words that stay', async () => {
    const { restore: made, userErrors } = await restore(admin, {
      destinationId: staging.id,
      confirmation: `${other.slug}/staging`,
      contents: ['MEDIA'],
    });
    expect(userErrors).toEqual([]);
    expect(made).toMatchObject({
      status: 'QUEUED',
      can: ['CANCEL'],
      canUndo: false,
      contents: ['MEDIA'],
      // The note of another project stays there.
      sourceDescription: `${shop.slug}/live, 22 Nov 2026 03:00 UTC`,
      source: { id: backup.id },
      safetyBackup: null,
      environment: { id: staging.id },
      workflow: { workflowId: `restore/${made?.id}` },
    });
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: made?.id ?? '' });
    expect(row).toMatchObject({ projectId: other.id, way: 'BACKUP', wantsSafetyBackup: true });
  });

  test('makes no safety backup where that is turned off', async () => {
    const { restore: made } = await restore(admin, { safetyBackup: false });
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: made?.id ?? '' });
    expect(row.wantsSafetyBackup).toBe(false);
  });

  test('names all that is wrong with it', async () => {
    expect(await refusal(restore(admin, { sourceId: randomUUID() }))).toEqual([
      ['NOT_FOUND', 'input.sourceId'],
    ]);
    expect(await refusal(restore(admin, { destinationId: 'x' }))).toEqual([
      ['NOT_FOUND', 'input.destinationId'],
    ]);
    expect(await refusal(restore(admin, { contents: [], confirmation: '' }))).toEqual([
      ['INVALID', 'input.contents'],
      ['CONFIRMATION_REQUIRED', 'input.confirmation'],
    ]);
    const [error] = (await restore(admin, { confirmation: `${shop.slug}/LIVE` })).userErrors;
    expect(error?.message).toContain(`${shop.slug}/live`);
    const small = await makeBackup(live, { contents: ['MEDIA'] });
    expect(await refusal(restore(admin, { sourceId: small.id }))).toEqual([['INVALID', 'input.contents']]);
    const running = await makeBackup(live, { status: 'RUNNING' });
    expect(await refusal(restore(admin, { sourceId: running.id }))).toEqual([
      ['NOT_READY', 'input.sourceId'],
    ]);
    await api.source.getRepository(Environment).update(live.id, { mediaDirectory: null });
    expect(await refusal(restore(admin, {}))).toEqual([['INVALID', 'input.contents']]);
    await api.source.getRepository(Environment).update(live.id, { deletedAt: new Date() });
    expect(await refusal(restore(admin, {}))).toEqual([['INVALID', 'input.destinationId']]);
  });

  test.each<[string, Role | null, Role | null, string | null]>([
    ['sees neither', null, null, 'NOT_FOUND'],
    ['does not see the source', null, 'ADMIN', 'NOT_FOUND'],
    ['only looks at the source', 'VIEWER', 'ADMIN', 'FORBIDDEN'],
    ['does not see the destination', 'ADMIN', null, 'NOT_FOUND'],
    ['operates the destination', 'ADMIN', 'OPERATOR', 'FORBIDDEN'],
    ['operates the source and administers the destination', 'OPERATOR', 'ADMIN', null],
  ])('to one who %s', async (_who, there, here, code) => {
    const roles = { ...(there && { [shop.id]: there }), ...(here && { [other.id]: here }) };
    const input = { destinationId: staging.id, confirmation: `${other.slug}/staging` };
    const { userErrors } = await restore(await person(roles), input);
    expect(userErrors[0]?.code ?? null).toBe(code);
  });

  test('a second one of the same destination is refused, naming the first; elsewhere it goes on', async () => {
    const { restore: first } = await restore(admin, {});
    const { userErrors } = await restore(admin, {});
    expect(userErrors).toMatchObject([{ code: 'CONFLICT', field: ['input', 'destinationId'] }]);
    expect(userErrors[0]?.message).toContain(first?.id);
    const elsewhere = { destinationId: staging.id, confirmation: `${other.slug}/staging` };
    expect((await restore(admin, elsewhere)).userErrors).toEqual([]);
  });

  test('ten at once are one', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => restore(admin, {})));
    const made = answers.flatMap(({ restore: each }) => each?.id ?? []);
    expect(made).toHaveLength(1);
    for (const { userErrors } of answers)
      if (userErrors.length > 0) expect(userErrors[0]?.message).toContain(made[0]);
  });

  test('with one key twice answers with the first restore, with other input not at all', async () => {
    const idempotencyKey = randomUUID();
    const first = await restore(admin, { idempotencyKey });
    expect((await restore(admin, { idempotencyKey })).restore?.id).toBe(first.restore?.id);
    expect(await refusal(restore(admin, { idempotencyKey, contents: ['MEDIA'] }))).toEqual([
      ['CONFLICT', 'input.idempotencyKey'],
    ]);
  });
});
