import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import type { Role } from '#schema/domain';
import { beginSession } from '../../server/identity/sessions.js';
import { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { Listening, untilHeard, type Ears } from '../support/listening.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { insertRunningJob } from '../support/runningJob.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

/** How soon a change of rights must be felt. */
const soonMs = 2_000;
/** How long anything else may take on a slow machine. */
const patienceMs = 20_000;

const jobChanged = 'subscription($id: ID!) { jobChanged(id: $id) { ... on Backup { note can } } }';
const projectChanged = `subscription($id: ID!, $kinds: [ProjectEventKind!]) {
  projectChanged(projectId: $id, kinds: $kinds) { kind deletedId job { ... on Backup { id note } } environment { id name } project { viewerRole } } }`;

let admin: Api;
let ready: Ready;
let source: DataSource;
let projectId: string;
let environmentId: string;
let jobId: string;
let open: Listening[] = [];

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ api: admin, ready } = shared);
  source = await openCatalogue(shared.data);
  projectId = await makeProject(admin, 'live');
  environmentId = await makeEnvironment(admin, projectId, 'test', {});
});
beforeEach(async () => {
  jobId = await insertRunningJob(source, projectId, environmentId);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.leave()));
  await source.query('DELETE FROM backups WHERE project_id = $1', [projectId]);
});
afterAll(() => source.destroy());

function listen(ears: Ears): Listening {
  const listening = new Listening(ready.graphql, ears);
  open.push(listening);
  return listening;
}

async function person(role: Role | null, more: { isSupport?: boolean } = {}) {
  const made = await newPerson(source, { ...more, roles: role ? { [projectId]: role } : {} });
  const [row] = await source.query<Array<{ id: string }>>('SELECT id FROM users WHERE email = $1', [
    made.email,
  ]);
  return { ...made, id: row?.id ?? '' };
}

const note = (text: string, id = jobId) =>
  source.query('UPDATE backups SET note = $2 WHERE id = $1', [id, text]);
const takeOut = (userId: string) =>
  source.query('DELETE FROM members WHERE project_id = $1 AND user_id = $2', [projectId, userId]);
const setRole = (userId: string, role: Role) =>
  source.query('UPDATE members SET role = $3 WHERE project_id = $1 AND user_id = $2', [
    projectId,
    userId,
    role,
  ]);

/** Subscribes to the job and the project of this file, and waits until both listen. */
async function follow(listening: Listening) {
  const job = listening.to('jobChanged', jobChanged, { id: jobId });
  const project = listening.to('projectChanged', projectChanged, { id: projectId });
  await untilHeard(job, 'the job as it is', patienceMs);
  await until('the project is followed', patienceMs, async () => {
    await note(`are you there? ${project.events.length}`);
    return project.events.length > 0;
  });
  // Events keep their order: behind this one none of those questions is still on its way.
  await source.query('UPDATE environments SET name = name WHERE id = $1', [environmentId]);
  await untilHeard(project, 'the last event', patienceMs, ({ kind }) => kind === 'ENVIRONMENT_CHANGED');
  return { job, project };
}

/** Lets something happen that the others hear; answers once a witness has heard it. */
async function afterOneMore(witness: { job: { events: unknown[] } }): Promise<void> {
  const before = witness.job.events.length;
  await note(`one more after ${before}`);
  await until('the witness hears it', patienceMs, async () => witness.job.events.length > before);
}

describe('a role that changes', () => {
  test('is told at once: by name on the project, and as a job’s new actions', async () => {
    const { id, token } = await person('OPERATOR');
    const listening = listen({ token });
    const members = listening.to('projectChanged', projectChanged, {
      id: projectId,
      kinds: ['MEMBERS_CHANGED'],
    });
    const { job, project } = await follow(listening);
    expect(job.events[0]?.can).toContain('EDIT_NOTE');
    const toldBefore = project.events.length;
    await setRole(id, 'VIEWER');
    const told = await untilHeard(members, 'the new role', soonMs);
    expect(told).toMatchObject({ kind: 'MEMBERS_CHANGED', project: { viewerRole: 'VIEWER' } });
    await until('the job shows the new actions', soonMs, async () => {
      const can = job.events.at(-1)?.can;
      return Array.isArray(can) && can.length === 0;
    });
    expect(project.events.slice(toldBefore)).toEqual([]);
  });

  test('to none ends what was open, and nothing else', async () => {
    const { id, token } = await person('OPERATOR');
    const elsewhere = await makeProject(admin, 'elsewhere');
    await source.query(`INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, 'VIEWER')`, [
      elsewhere,
      id,
    ]);
    const listening = listen({ token });
    const { job, project } = await follow(listening);
    const other = listening.to('projectChanged', projectChanged, { id: elsewhere });
    const witness = await follow(listen({ token: ready.token }));
    await takeOut(id);
    await until('both have ended', soonMs, async () => job.completed && project.completed);
    const heard = [job.events.length, project.events.length];
    await afterOneMore(witness);
    expect([job.events.length, project.events.length]).toEqual(heard);
    expect(other.completed).toBe(false);
    expect(listening.closed).toEqual([]);
  });
});

test('whoever is taken out hears nothing of what happens after, however much happens', async () => {
  const people = await Promise.all(Array.from({ length: 15 }, () => person('VIEWER')));
  const heard = people.map(({ token }) => {
    const listening = listen({ token });
    return [
      listening.to('jobChanged', jobChanged, { id: jobId }),
      listening.to('projectChanged', projectChanged, { id: projectId }),
    ];
  });
  await until('all listen', patienceMs, async () => {
    await note('before');
    return heard.flat().every(({ events }) => events.length > 0);
  });
  for (const [index, { id }] of people.entries()) {
    for (let time = 0; time < 10; time += 1) await note(`${index} is still in`);
    await takeOut(id);
    await note(`${index} is out`);
  }
  await until('all have ended', patienceMs, async () => heard.flat().every(({ completed }) => completed));
  for (const [index, each] of heard.entries()) {
    const told = JSON.stringify(each.map(({ events }) => events));
    for (let out = index; out < people.length; out += 1) expect(told).not.toContain(`"${out} is out"`);
  }
});

describe('support staff', () => {
  test('who are that no longer, are out at once', async () => {
    const { id, token } = await person(null, { isSupport: true });
    const { job, project } = await follow(listen({ token }));
    await source.query('UPDATE users SET is_support = false WHERE id = $1', [id]);
    await until('both have ended', soonMs, async () => job.completed && project.completed);
  });
});

describe('a credential that is gone', () => {
  async function expectClosed(listening: Listening, withinMs: number, end: () => Promise<unknown>) {
    const { job, project } = await follow(listening);
    const witness = await follow(listen({ token: ready.token }));
    await end();
    expect(await listening.untilClosed(withinMs)).toBe(4401);
    const heard = [job.events.length, project.events.length];
    await afterOneMore(witness);
    expect([job.events.length, project.events.length]).toEqual(heard);
    // The library takes this code for final.
    expect([listening.connections, listening.closed]).toEqual([1, [4401]]);
  }

  test('a revoked token closes its socket', async () => {
    const { token, tokenId } = await person('VIEWER');
    await expectClosed(listen({ token }), soonMs, () =>
      new Api(ready.graphql, token).make(
        'revokeApiToken',
        'revokedId',
        'mutation($id: ID!) { revokeApiToken(id: $id) { revokedId userErrors { code field message } } }',
        { id: tokenId },
      ),
    );
  });

  test('signing out closes the sockets of that browser, and of no other', async () => {
    const { id, token } = await person('VIEWER');
    const cookie = `holdfast_session=${await beginSession(source, id)}`;
    const byToken = listen({ token });
    await follow(byToken);
    await expectClosed(listen({ cookie, origin: ready.web }), soonMs, () =>
      fetch(`${ready.web}/session`, { method: 'DELETE', headers: { cookie } }),
    );
    expect(byToken.closed).toEqual([]);
  });

  test('a token whose time is over closes its socket', async () => {
    const { token, tokenId } = await person('VIEWER');
    const livesMs = 5_000;
    await source.query(
      `UPDATE api_tokens SET expires_at = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1`,
      [tokenId, livesMs],
    );
    await expectClosed(listen({ token }), livesMs + soonMs, async () => undefined);
  });

  test('ends an event stream', async () => {
    const { token, tokenId } = await person('VIEWER');
    const client = createSseClient({
      url: `${ready.graphql}/stream`,
      headers: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    const heard: unknown[] = [];
    const ended = (async () => {
      for await (const event of client.iterate({ query: jobChanged, variables: { id: jobId } }))
        heard.push(event);
    })();
    await until('the job as it is', patienceMs, async () => heard.length > 0);
    await source.query('DELETE FROM api_tokens WHERE id = $1', [tokenId]);
    await ended;
    client.dispose();
    expect(heard).toHaveLength(1);
  });
});

describe('announcements that were lost', () => {
  /** Does this while the server does not listen. */
  async function inTheGap(sql: string, values: unknown[]): Promise<void> {
    const listeners = `SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast changes' AND datname = current_database()`;
    await until('done while nobody listened', patienceMs, async () => {
      await source.query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) AS it`);
      const done = await source.query<unknown[]>(
        `WITH done AS (${sql} AND NOT EXISTS (${listeners}) RETURNING 1) SELECT * FROM done`,
        values,
      );
      return done.length > 0;
    });
  }

  test('a member taken out meanwhile is out', async () => {
    const { id, token } = await person('ADMIN');
    const listening = listen({ token });
    const { job, project } = await follow(listening);
    const witness = await follow(listen({ token: ready.token }));
    await inTheGap('DELETE FROM members WHERE project_id = $1 AND user_id = $2', [projectId, id]);
    await until('both have ended', soonMs + soonMs, async () => job.completed && project.completed);
    const heard = [job.events.length, project.events.length];
    await afterOneMore(witness);
    expect([job.events.length, project.events.length]).toEqual(heard);
  });

  test('jobs, environments and members are told of afterwards', async () => {
    const { token } = await person('VIEWER');
    const listening = listen({ token });
    const members = listening.to('projectChanged', projectChanged, {
      id: projectId,
      kinds: ['MEMBERS_CHANGED'],
    });
    const { project } = await follow(listening);
    project.events.length = 0;
    await inTheGap(`UPDATE environments SET name = 'In the gap' WHERE id = $1`, [environmentId]);
    await untilHeard(
      project,
      'the environment’s new name',
      patienceMs,
      ({ environment }) => (environment as { name: string } | null)?.name === 'In the gap',
    );
    await untilHeard(members, 'that members may have changed', patienceMs);
    const before = new Set(project.events.map(({ job }) => (job as { id: string } | null)?.id));
    await inTheGap(
      `INSERT INTO backups (project_id, environment_id, kind, contents, status, taken_at, total_size, started_at, finished_at)
       SELECT project_id, id, 'ON_DEMAND', ARRAY['MEDIA'], 'SUCCEEDED', now(), 1, now(), now() FROM environments WHERE id = $1`,
      [environmentId],
    );
    const told = () => project.events.filter(({ job }) => job && !before.has((job as { id: string }).id));
    await until('the new job', patienceMs, async () => told().some(({ kind }) => kind === 'JOB_ENDED'));
    expect(told().map(({ kind }) => kind)).toEqual(['JOB_CREATED', 'JOB_STARTED', 'JOB_ENDED']);
  });
});
