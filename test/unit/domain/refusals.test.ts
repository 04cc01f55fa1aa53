import { describe, expect, it } from 'vitest';
import { errorCodes, refusals, type Refusal } from '#schema/domain';

const everyRefusal: Record<keyof typeof refusals, Refusal> = {
  notFound: refusals.notFound('Backup', ['input', 'id']),
  forbidden: refusals.forbidden('create backups', 'OPERATOR'),
  invalid: refusals.invalid(['input', 'note'], 'Use at most 500 characters.'),
  slugTaken: refusals.slugTaken(['input', 'slug'], 'shop'),
  nothingToBackUp: refusals.nothingToBackUp(['input', 'contents'], 'MEDIA'),
  environmentDeleted: refusals.environmentDeleted(['input', 'environmentId']),
  keyReused: refusals.keyReused(['input', 'idempotencyKey']),
  jobEnded: refusals.jobEnded('SUCCEEDED'),
  jobNotEnded: refusals.jobNotEnded('RUNNING'),
  jobNotRetryable: refusals.jobNotRetryable(),
  confirmationRequired: refusals.confirmationRequired(['confirmation'], 'shop/live'),
  jobsRunning: refusals.jobsRunning(['id']),
  restoreUnderWay: refusals.restoreUnderWay(['input', 'destinationId'], 'r1'),
  notRestorable: refusals.notRestorable(['input', 'sourceId']),
  notDownloadable: refusals.notDownloadable(['input', 'sourceId']),
  backupGone: refusals.backupGone(['id']),
  notRevocable: refusals.notRevocable(),
  notReissuable: refusals.notReissuable(),
  notInBackup: refusals.notInBackup(['input', 'contents'], 'MEDIA'),
  nothingToOverwrite: refusals.nothingToOverwrite(['input', 'contents'], 'DATABASE'),
  switching: refusals.switching(),
  notRestored: refusals.notRestored(),
  cannotUndo: refusals.cannotUndo(),
  lastAdmin: refusals.lastAdmin(['role']),
  tooManyInvitations: refusals.tooManyInvitations(['email']),
  mailedRecently: refusals.mailedRecently(['email']),
  unavailable: refusals.unavailable('Temporal'),
};
const rows = Object.entries(everyRefusal);

describe('a refusal', () => {
  it('is tried here, each of them', () => {
    expect(Object.keys(everyRefusal)).toEqual(Object.keys(refusals));
  });

  it.each(rows)('carries a code that the API knows: %s', (_, { code }) => {
    expect(errorCodes).toContain(code);
  });

  it.each(rows)('is one whole sentence: %s', (_, { message }) => {
    expect(message).toMatch(/^[A-Z“].*[^.\s]\.$/);
    expect(message.trim()).toBe(message);
  });

  it.each(rows)('names the input at fault by its path, or none: %s', (_, { field }) => {
    if (field !== null)
      expect(field.every((name) => /^[a-z][A-Za-z]*$/.test(name)) && field.length > 0).toBe(true);
  });

  it('does not tell what is missing from what is hidden', () => {
    expect(everyRefusal.notFound.message).toBe('There is no such backup, or you may not see it.');
  });

  it('names the role to ask for', () => {
    expect(everyRefusal.forbidden.message).toContain('create backups here');
    expect(everyRefusal.forbidden.message).toContain('the role OPERATOR');
  });

  it('says what to type', () => {
    expect(everyRefusal.confirmationRequired.message).toBe('Type “shop/live” to confirm.');
  });

  it('names what has nothing to back up in words, not in capitals', () => {
    expect(everyRefusal.nothingToBackUp.message).toContain('no media configured');
  });

  it('names the restore that stands in the way', () => {
    expect(everyRefusal.restoreUnderWay.message).toContain('(r1)');
  });

  it('says how a job stands', () => {
    expect(everyRefusal.jobEnded.message).toContain('has succeeded already');
    expect(everyRefusal.jobNotEnded.message).toContain('this one is under way');
  });
});
