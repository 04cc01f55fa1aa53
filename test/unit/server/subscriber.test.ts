import { describe, expect, it, vi } from 'vitest';
import type { ProjectChange, ProjectEventKind } from '#schema/domain';
import { JobSource, ProjectSource, type News, type Source } from '../../../server/live/sources.js';
import { Subscriber, type Farewell, type Owner } from '../../../server/live/subscriber.js';

const change = (kind: ProjectEventKind, id = 'j1'): ProjectChange => ({
  noun: 'Backup',
  id,
  projectId: 'p1',
  kind,
});
const news = (sequence: number | null, last = false): News => ({ root: {}, sequence, last });

/** A subscriber of this, and everything that came of it. */
function subscribe(source: Source = new ProjectSource('p1', null)) {
  const sent: string[] = [];
  const farewells: Farewell[] = [];
  const wake = vi.fn();
  const left = vi.fn();
  const owner: Owner = { by: { kind: 'token', id: 't1' }, userId: 'u1', close: (why) => farewells.push(why) };
  const outlet = { ready: true, send: (answer: string) => sent.push(answer) };
  const subscriber = new Subscriber(owner, source, outlet, { wake }, left);
  return { subscriber, sent, farewells, wake, left };
}

describe('a subscriber', () => {
  it('takes in what it asked for, and wakes those who tell it', () => {
    const { subscriber, wake } = subscribe(new ProjectSource('p1', ['JOB_ENDED']));
    subscriber.push(change('JOB_CREATED'));
    expect([subscriber.waits, wake.mock.calls.length]).toEqual([false, 0]);
    subscriber.push(change('JOB_ENDED'));
    expect([subscriber.waits, wake.mock.calls.length]).toEqual([true, 1]);
    expect(subscriber.take()).toEqual(change('JOB_ENDED'));
  });

  it('hears of members only by name', () => {
    const members: ProjectChange = { noun: 'Member', id: 'u2', projectId: 'p1', kind: 'MEMBERS_CHANGED' };
    expect(new ProjectSource('p1', null).wants(members)).toBe(false);
    expect(new ProjectSource('p1', ['MEMBERS_CHANGED']).wants(members)).toBe(true);
    expect(new ProjectSource('p1', []).wants(change('JOB_ENDED'))).toBe(false);
  });

  it('is not told of a job what it knows already', () => {
    const { subscriber, sent } = subscribe(new JobSource('Backup', { id: 'j1', projectId: 'p1' }));
    for (const sequence of [3, 3, 2, 4]) {
      if (subscriber.wants(news(sequence))) subscriber.tell(news(sequence), `${sequence}`);
    }
    expect(sent).toEqual(['3', '4']);
  });

  it('is told of every event of a project', () => {
    const { subscriber, sent } = subscribe();
    for (const text of ['a', 'b']) if (subscriber.wants(news(null))) subscriber.tell(news(null), text);
    expect(sent).toEqual(['a', 'b']);
  });
});

describe('the end', () => {
  it('comes with the last news, and lets nothing more in or out', async () => {
    const { subscriber, sent, left } = subscribe(new JobSource('Backup', { id: 'j1', projectId: 'p1' }));
    subscriber.tell(news(7, true), 'the last');
    subscriber.push(change('JOB_EDITED'));
    subscriber.tell(news(8), 'too late');
    subscriber.end();
    expect([sent, subscriber.waits, left.mock.calls.length]).toEqual([['the last'], false, 1]);
    expect(await subscriber.next()).toEqual({ done: true, value: undefined });
  });

  it('comes where what was followed is gone, or was told to its end before', () => {
    const gone = subscribe();
    expect(gone.subscriber.wants(null)).toBe(false);
    expect(gone.left).toHaveBeenCalledOnce();
    const told = subscribe();
    told.subscriber.tell(news(7), 'as it ended');
    expect(told.subscriber.wants(news(7, true))).toBe(false);
    expect(told.left).toHaveBeenCalledOnce();
  });

  it('comes when the client leaves', async () => {
    const { subscriber, left } = subscribe();
    const next = subscriber.next();
    await subscriber.return();
    expect(left).toHaveBeenCalledOnce();
    expect((await next).done).toBe(true);
  });

  it('comes when its person may no longer see the project', () => {
    const { subscriber, left } = subscribe();
    subscriber.stand({ role: 'VIEWER', isSupport: false });
    expect(left).not.toHaveBeenCalled();
    subscriber.stand({ role: null, isSupport: false });
    expect(left).toHaveBeenCalledOnce();
  });

  it('of the whole connection comes when too much waits', () => {
    const { subscriber, farewells } = subscribe();
    for (let index = 0; index <= 10_000; index += 1) subscriber.push(change('JOB_EDITED', String(index)));
    expect(farewells).toEqual(['TOO_SLOW']);
  });
});

describe('a role that changes', () => {
  it('has a job told anew, and a project not', () => {
    const job = subscribe(new JobSource('Backup', { id: 'j1', projectId: 'p1' }));
    const project = subscribe();
    for (const { subscriber } of [job, project]) {
      subscriber.stand({ role: 'ADMIN', isSupport: false });
      subscriber.tell(news(5), 'as an administrator');
      subscriber.stand({ role: 'ADMIN', isSupport: false });
      expect(subscriber.waits).toBe(false);
      subscriber.stand({ role: 'VIEWER', isSupport: false });
    }
    expect([job.subscriber.waits, project.subscriber.waits]).toEqual([true, false]);
    expect(job.subscriber.wants(news(5))).toBe(true);
  });
});
