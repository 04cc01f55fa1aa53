import { describe, expect, it, vi } from 'vitest';
import { projectEventKinds, type Change, type ProjectEventKind } from '#schema/domain';
import { ChangeQueue } from '../../../server/live/changeQueue.js';

const change = (id: string, kind: ProjectEventKind = 'JOB_PROGRESSED'): Change => ({
  noun: 'Backup',
  id,
  projectId: 'p1',
  kind,
});
const open = (wanted: (each: Change) => boolean = () => true) => new ChangeQueue(wanted, () => undefined);

/** All that waits, in order; the queue is ended by it. */
async function drain(queue: ChangeQueue): Promise<string[]> {
  queue.end();
  const seen: string[] = [];
  for (let next = await queue.next(); next; next = await queue.next()) seen.push(`${next.id} ${next.kind}`);
  return seen;
}

describe('a subscriber', () => {
  it('sees changes in the order in which they happened', async () => {
    const queue = open();
    for (const kind of ['JOB_CREATED', 'JOB_STARTED', 'JOB_PROGRESSED', 'JOB_ENDED'] as const)
      queue.push(change('a', kind));
    expect(await drain(queue)).toEqual(['a JOB_CREATED', 'a JOB_STARTED', 'a JOB_PROGRESSED', 'a JOB_ENDED']);
  });

  it('sees only what it asked for', async () => {
    const queue = open((each) => each.id === 'a');
    for (const id of ['b', 'a', 'c']) queue.push(change(id));
    expect(await drain(queue)).toEqual(['a JOB_PROGRESSED']);
  });

  it('that waits is woken by the next change', async () => {
    const queue = open();
    const next = queue.next();
    queue.push(change('a'));
    expect(await next).toEqual(change('a'));
  });

  it('that waits sleeps on through changes it did not ask for', async () => {
    const queue = open((each) => each.id === 'a');
    let woken = false;
    const next = queue.next().then((each) => {
      woken = true;
      return each;
    });
    queue.push(change('b'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(false);
    queue.push(change('a'));
    expect(await next).toEqual(change('a'));
  });

  it('loses nothing when changes come faster than it reads', async () => {
    const queue = open();
    const seen: string[] = [];
    const reading = (async () => {
      for (let next = await queue.next(); next; next = await queue.next()) seen.push(next.id);
    })();
    for (let index = 0; index < 500; index += 1) {
      queue.push(change(String(index), 'JOB_CREATED'));
      if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    queue.end();
    await reading;
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => String(index)));
  });
});

describe('a slow reader', () => {
  it('sees progress of a job once, however often it came', async () => {
    const queue = open();
    for (let times = 0; times < 1_000; times += 1) queue.push(change('a'));
    expect(await drain(queue)).toEqual(['a JOB_PROGRESSED']);
  });

  it('sees the progress of every job', async () => {
    const queue = open();
    for (const id of ['a', 'b', 'a', 'b']) queue.push(change(id));
    expect(await drain(queue)).toEqual(['a JOB_PROGRESSED', 'b JOB_PROGRESSED']);
  });

  it('sees newer progress after it has read older progress', async () => {
    const queue = open();
    queue.push(change('a'));
    expect(await queue.next()).toEqual(change('a'));
    queue.push(change('a'));
    expect(await queue.next()).toEqual(change('a'));
  });

  it('sees the end of a job, although progress waits', async () => {
    const queue = open();
    queue.push(change('a'));
    queue.push(change('a', 'JOB_ENDED'));
    expect(await drain(queue)).toEqual(['a JOB_PROGRESSED', 'a JOB_ENDED']);
  });

  it.each(projectEventKinds)('sees each %s, or the last where a newer one replaces it', async (kind) => {
    const queue = open();
    queue.push(change('a', kind));
    queue.push(change('a', kind));
    const replaced = kind === 'JOB_PROGRESSED' || kind === 'ENVIRONMENT_CHANGED';
    expect(await drain(queue)).toHaveLength(replaced ? 1 : 2);
  });
});

describe('the end', () => {
  it('comes after all that still waits', async () => {
    const queue = open();
    queue.push(change('a'));
    queue.end();
    expect(await queue.next()).toEqual(change('a'));
    expect(await queue.next()).toBeNull();
    expect(await queue.next()).toBeNull();
  });

  it('wakes a reader who waits', async () => {
    const queue = open();
    const next = queue.next();
    queue.end();
    expect(await next).toBeNull();
  });

  it('lets nothing more in', async () => {
    const queue = open();
    queue.end();
    queue.push(change('a'));
    expect(await queue.next()).toBeNull();
  });

  it('by a reader who leaves is told to the house', async () => {
    const left = vi.fn();
    const queue = new ChangeQueue(() => true, left);
    queue.end();
    expect(left).not.toHaveBeenCalled();
    queue.close();
    expect(left).toHaveBeenCalledOnce();
    expect(await queue.next()).toBeNull();
  });
});
