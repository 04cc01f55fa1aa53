import { describe, expect, test } from 'vitest';
import type { Content } from '#schema/domain';
import { Environment, Restore } from '#schema/entities';
import {
  api,
  both,
  kept,
  live,
  makeBackup,
  makeRestore,
  person,
  refusal,
  see,
  shop,
  tell,
  useRestores,
} from './restoreFixture.js';

useRestores();

describe('undoRestore', () => {
  test('switches back while what was replaced is kept', async () => {
    const safety = await makeBackup(live, { kind: 'SAFETY' });
    const done = await makeRestore({ ...kept(), safetyBackupId: safety.id });
    expect(await see(done.id)).toMatchObject({
      canUndo: true,
      can: ['UNDO'],
      safetyBackup: { id: safety.id },
    });
    const { restore: undo } = await tell('undoRestore', done.id);
    expect(undo).toMatchObject({
      status: 'QUEUED',
      undoes: { id: done.id },
      source: { id: safety.id },
      contents: both,
      sourceDescription: `what ${shop.slug}/live held before the restore of 22 Nov 2026 04:05 UTC`,
    });
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: undo?.id ?? '' });
    expect(row).toMatchObject({ way: 'SWITCH_BACK', wantsSafetyBackup: false });
    const again = await tell('undoRestore', done.id);
    expect(again.userErrors).toMatchObject([{ code: 'CONFLICT', field: ['id'] }]);
    expect(again.userErrors[0]?.message).toContain(undo?.id);
  });

  test.each<[string, Partial<Restore>]>([
    ['the undo period is over', { undoUntil: new Date(0) }],
    ['what was replaced was dropped', { replacedDroppedAt: new Date() }],
    ['nothing was kept', { journal: null }],
  ])('restores the safety backup once %s', async (_why, more) => {
    const safety = await makeBackup(live, { kind: 'SAFETY', note: '' });
    const done = await makeRestore({ ...kept(), safetyBackupId: safety.id, ...more });
    const { restore: undo } = await tell('undoRestore', done.id);
    expect(undo).toMatchObject({ sourceDescription: `${shop.slug}/live, 22 Nov 2026 03:00 UTC` });
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: undo?.id ?? '' });
    expect(row).toMatchObject({
      way: 'BACKUP',
      wantsSafetyBackup: true,
      sourceBackupId: safety.id,
      undoesId: done.id,
    });
  });

  test('once overtaken by a later restore, e.g. by its own undo, uses the safety backup or nothing', async () => {
    const safety = await makeBackup(live, { kind: 'SAFETY' });
    const earlier = { ...kept(), switchedAt: new Date(Date.now() - 60_000) };
    const bare = await makeRestore(earlier);
    const safe = await makeRestore({ ...earlier, safetyBackupId: safety.id });
    const last = await makeRestore({ ...kept(), undoesId: safe.id });
    expect(await see(bare.id)).toMatchObject({ canUndo: false, can: [] });
    expect(await refusal(tell('undoRestore', bare.id))).toEqual([['EXPIRED', 'id']]);
    expect(await see(last.id)).toMatchObject({ canUndo: true });
    const { restore: undo } = await tell('undoRestore', safe.id);
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: undo?.id ?? '' });
    expect(row.way).toBe('BACKUP');
  });

  test('needs a safety backup that holds all that was overwritten', async () => {
    for (const more of [{ contents: ['MEDIA'] as Content[] }, { status: 'RUNNING' as const }]) {
      const safety = await makeBackup(live, { kind: 'SAFETY', ...more });
      const done = await makeRestore({ safetyBackupId: safety.id });
      expect(await refusal(tell('undoRestore', done.id))).toEqual([['EXPIRED', 'id']]);
    }
  });

  test('is of what has succeeded', async () => {
    const failed = await makeRestore({ status: 'CANCELED' });
    expect(await refusal(tell('undoRestore', failed.id))).toEqual([['CONFLICT', 'id']]);
  });

  test('is a deed of administrators, on restores that they see, of environments that stand', async () => {
    const done = await makeRestore(kept());
    expect(await refusal(tell('undoRestore', done.id, await person({})))).toEqual([['NOT_FOUND', 'id']]);
    const operator = await person({ [shop.id]: 'OPERATOR' });
    expect(await refusal(tell('undoRestore', done.id, operator))).toEqual([['FORBIDDEN', null]]);
    await api.source.getRepository(Environment).update(live.id, { deletedAt: new Date() });
    expect(await refusal(tell('undoRestore', done.id))).toEqual([['INVALID', 'id']]);
  });
});
