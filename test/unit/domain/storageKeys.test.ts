import { describe, expect, it } from 'vitest';
import {
  attemptPrefix,
  backupDocumentKey,
  backupPrefix,
  databaseKey,
  manifestKey,
  packIndexKey,
  packKey,
} from '#schema/domain';

const place = { projectId: 'p1', environmentId: 'e1' };

describe('the keys in storage', () => {
  it('are these, for ever: stored backups are found by them', () => {
    expect(backupPrefix(place, 'b1')).toBe('v1/p1/e1/backups/b1/');
    expect(backupDocumentKey(place, 'b1')).toBe('v1/p1/e1/backups/b1/backup.json');
    expect(attemptPrefix(place, 'b1', 'run-2')).toBe('v1/p1/e1/backups/b1/run-2/');
    expect(databaseKey(place, 'b1', 'run-2')).toBe('v1/p1/e1/backups/b1/run-2/database.dump');
    expect(manifestKey(place, 'b1', 'run-2')).toBe('v1/p1/e1/backups/b1/run-2/manifest.jsonl.gz');
    expect(packKey(place, 'k1')).toBe('v1/p1/e1/packs/k1.tar');
    expect(packIndexKey(place, 'k1')).toBe('v1/p1/e1/packs/k1.idx.jsonl.gz');
  });

  it('of a backup all lie below its own folder', () => {
    const folder = backupPrefix(place, 'b1');
    for (const key of [
      backupDocumentKey(place, 'b1'),
      databaseKey(place, 'b1', 'm'),
      manifestKey(place, 'b1', 'm'),
    ]) {
      expect(key.startsWith(folder)).toBe(true);
    }
  });

  it('of two attempts never meet, also where one name begins like the other', () => {
    expect(databaseKey(place, 'b1', 'run-1').startsWith(attemptPrefix(place, 'b1', 'run-1'))).toBe(true);
    expect(databaseKey(place, 'b1', 'run-10').startsWith(attemptPrefix(place, 'b1', 'run-1'))).toBe(false);
  });

  it('of two backups never meet, also where one id begins like the other', () => {
    expect(backupDocumentKey(place, 'b10').startsWith(backupPrefix(place, 'b1'))).toBe(false);
  });

  it('of packs do not lie in a backup’s folder: others use them too', () => {
    expect(packKey(place, 'b1').startsWith(`v1/p1/e1/backups/`)).toBe(false);
  });
});
