import { describe, expect, it } from 'vitest';
import { backupStart, restoreStart, searchAttributes, type JobInWords } from '#schema/domain';

const job: JobInWords = {
  id: 'j1',
  contents: ['DATABASE', 'MEDIA'],
  requestedById: 'u1',
  project: { slug: 'shop', name: 'The [Shop]' },
  environment: { slug: 'live', name: 'Live', stage: 'LIVE' },
};
const page = 'https://backups.example.org';

describe('how a workflow starts', () => {
  it('of a backup', () => {
    const start = backupStart({ ...job, kind: 'ON_DEMAND' }, page);
    expect(start).toMatchObject({
      workflowType: 'createBackup',
      workflowId: 'backup/j1',
      order: { backupId: 'j1' },
      summary: `[Backup of shop/live](${page}/projects/shop/backups/j1) (database and media)`,
    });
    expect(start.attributes).toContainEqual([searchAttributes.kind, 'BACKUP']);
    expect(start.attributes).toContainEqual([searchAttributes.trigger, 'ON_DEMAND']);
  });

  it('of a restore', () => {
    const start = restoreStart({ ...job, contents: ['MEDIA'], way: 'SWITCH_BACK' }, page);
    expect(start).toMatchObject({
      workflowType: 'restoreBackup',
      workflowId: 'restore/j1',
      order: { restoreId: 'j1' },
      summary: `[Restore onto shop/live](${page}/projects/shop/restores/j1) (media)`,
    });
    expect(start.attributes).toContainEqual([searchAttributes.kind, 'RESTORE']);
    expect(start.attributes).toContainEqual([searchAttributes.trigger, 'SWITCH_BACK']);
  });

  it('with names as they are, none of which becomes a link', () => {
    expect(backupStart({ ...job, kind: 'SAFETY' }, page).details).toContain('The \\[Shop\\] / Live');
  });

  it('with who asked for it, where that is a person', () => {
    const who = (requestedById: string | null) =>
      restoreStart({ ...job, requestedById, way: 'BACKUP' }, page).attributes.filter(
        ([name]) => name === searchAttributes.requester,
      );
    expect(who('u1')).toEqual([[searchAttributes.requester, 'u1']]);
    expect(who(null)).toEqual([]);
  });
});
