import { describe, expect, it } from 'vitest';
import { projectEventKinds, type ProjectChange, type ProjectEventKind } from '#schema/domain';
import { ChangeQueue } from '../../../server/live/changeQueue.js';

const change = (id: string, kind: ProjectEventKind = 'JOB_PROGRESSED'): ProjectChange => ({
  noun: 'Backup',
  id,
  projectId: 'p1',
  kind,
});

/** All that waits, in order. */
function drain(queue: ChangeQueue): string[] {
  const seen: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) seen.push(`${next.id} ${next.kind}`);
  return seen;
}

describe('a subscriber', () => {
  it('sees changes in the order in which they happened', () => {
    const queue = new ChangeQueue();
    for (const kind of ['JOB_CREATED', 'JOB_STARTED', 'JOB_PROGRESSED', 'JOB_ENDED'] as const)
      queue.push(change('a', kind));
    expect(drain(queue)).toEqual(['a JOB_CREATED', 'a JOB_STARTED', 'a JOB_PROGRESSED', 'a JOB_ENDED']);
  });

  it('is known to have something waiting', () => {
    const queue = new ChangeQueue();
    expect(queue.holds).toBe(false);
    queue.push(change('a'));
    expect(queue.holds).toBe(true);
    queue.take();
    expect(queue.holds).toBe(false);
    expect(queue.take()).toBeNull();
  });

  it('loses nothing when changes come faster than it reads', () => {
    const queue = new ChangeQueue();
    const seen: string[] = [];
    for (let index = 0; index < 900; index += 1) {
      queue.push(change(String(index), 'JOB_CREATED'));
      if (index % 7 === 0) seen.push(queue.take()?.id ?? '');
    }
    for (let next = queue.take(); next; next = queue.take()) seen.push(next.id);
    expect(seen).toEqual(Array.from({ length: 900 }, (_, index) => String(index)));
  });
});

describe('a change that could not be told', () => {
  it('comes again, before all others', () => {
    const queue = new ChangeQueue();
    for (const id of ['a', 'b']) queue.push(change(id, 'JOB_EDITED'));
    queue.take();
    queue.putBack();
    expect(drain(queue)).toEqual(['a JOB_EDITED', 'b JOB_EDITED']);
  });

  it('comes once, and not after it was told', () => {
    const queue = new ChangeQueue();
    queue.push(change('a'));
    queue.take();
    queue.putBack();
    queue.putBack();
    expect(drain(queue)).toEqual(['a JOB_PROGRESSED']);
    queue.push(change('a'));
    queue.take();
    queue.done();
    queue.putBack();
    expect(queue.holds).toBe(false);
  });

  it('is not replaced by one that comes while it is being told: that may show more', () => {
    const queue = new ChangeQueue();
    queue.push(change('a'));
    queue.take();
    queue.push(change('a'));
    queue.done();
    expect(drain(queue)).toEqual(['a JOB_PROGRESSED']);
  });
});

describe('a slow reader', () => {
  it('sees progress of a job once, however often it came', () => {
    const queue = new ChangeQueue();
    for (let times = 0; times < 5_000; times += 1) expect(queue.push(change('a'))).toBe(true);
    expect(drain(queue)).toEqual(['a JOB_PROGRESSED']);
  });

  it('sees the progress of every job', () => {
    const queue = new ChangeQueue();
    for (const id of ['a', 'b', 'a', 'b']) queue.push(change(id));
    expect(drain(queue)).toEqual(['a JOB_PROGRESSED', 'b JOB_PROGRESSED']);
  });

  it('sees newer progress after it has read older progress', () => {
    const queue = new ChangeQueue();
    queue.push(change('a'));
    expect(queue.take()).toEqual(change('a'));
    queue.push(change('a'));
    expect(queue.take()).toEqual(change('a'));
  });

  it('sees the end of a job, although progress waits', () => {
    const queue = new ChangeQueue();
    queue.push(change('a'));
    queue.push(change('a', 'JOB_ENDED'));
    expect(drain(queue)).toEqual(['a JOB_PROGRESSED', 'a JOB_ENDED']);
  });

  it.each(projectEventKinds)('sees each %s, or the last where a newer one replaces it', (kind) => {
    const queue = new ChangeQueue();
    queue.push(change('a', kind));
    queue.push(change('a', kind));
    const replaced = kind === 'JOB_PROGRESSED' || kind === 'ENVIRONMENT_CHANGED';
    expect(drain(queue)).toHaveLength(replaced ? 1 : 2);
  });

  it('is given up before what waits for it fills the memory', () => {
    const queue = new ChangeQueue();
    for (let index = 0; index < 10_000; index += 1)
      expect(queue.push(change(String(index), 'JOB_EDITED'))).toBe(true);
    expect(queue.push(change('one more', 'JOB_EDITED'))).toBe(false);
  });
});
