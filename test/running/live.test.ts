import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import { projectEventKinds, type Role } from '#schema/domain';
import type { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { Listening, untilHeard, type Heard } from '../support/listening.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { insertRunningJob } from '../support/runningJob.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

const patienceMs = 20_000;
/** As docs/api.md says. */
const mostOperations = 50;
const mostConnections = 100;

const projectChanged = `subscription($id: ID!, $kinds: [ProjectEventKind!]) {
  projectChanged(projectId: $id, kinds: $kinds) { kind deletedId job { id status } environment { id name } project { id } } }`;

let admin: Api;
let ready: Ready;
let source: DataSource;
let projectId: string;
let environmentId: string;
let open: Listening[] = [];

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ api: admin, ready } = shared);
  source = await openCatalogue(shared.data);
  projectId = await makeProject(admin, 'live');
  environmentId = await makeEnvironment(admin, projectId, 'test', {});
});
afterEach(() => Promise.all(open.splice(0).map((listening) => listening.leave())));
afterAll(async () => {
  await source.query('DELETE FROM backups WHERE project_id = $1', [projectId]);
  await source.destroy();
});

function listen(token = ready.token): Listening {
  const listening = new Listening(ready.graphql, { token });
  open.push(listening);
  return listening;
}

const newViewer = () => newPerson(source, { roles: { [projectId]: 'VIEWER' } });
const touch = () => source.query('UPDATE environments SET name = name WHERE id = $1', [environmentId]);

/** Waits until something of the project is heard. */
async function untilListening(heard: Heard): Promise<void> {
  await until('the project is followed', patienceMs, async () => {
    if (heard.problem) throw new Error(JSON.stringify(heard.problem));
    await touch();
    return heard.events.length > 0;
  });
}

describe('projectChanged', () => {
  test('tells every kind of change, and those of members only by name', async () => {
    const listening = listen();
    const heard = listening.to('projectChanged', projectChanged, { id: projectId });
    const all = listening.to('projectChanged', projectChanged, {
      id: projectId,
      kinds: [...projectEventKinds],
    });
    await untilListening(heard);
    await untilListening(all);
    const jobId = await insertRunningJob(source, projectId, environmentId);
    const set = async (what: string, kind: string) => {
      await source.query(`UPDATE backups SET ${what} WHERE id = $1`, [jobId]);
      await untilHeard(heard, kind, patienceMs, (event) => event.kind === kind);
    };
    await untilHeard(heard, 'JOB_CREATED', patienceMs, (event) => event.kind === 'JOB_CREATED');
    await set(`run_id = 'another-run'`, 'JOB_STARTED');
    await set('progress_done_bytes = 1', 'JOB_PROGRESSED');
    await set(`note = 'a word'`, 'JOB_EDITED');
    await set(`status = 'CANCELED', finished_at = now()`, 'JOB_ENDED');
    await newViewer();
    await source.query('DELETE FROM backups WHERE id = $1', [jobId]);
    await untilHeard(all, 'JOB_DELETED', patienceMs, (event) => event.kind === 'JOB_DELETED');
    const kindsOf = ({ events }: Heard) =>
      events.map(({ kind }) => kind).filter((kind) => kind !== 'ENVIRONMENT_CHANGED');
    const ofTheJob = ['JOB_CREATED', 'JOB_STARTED', 'JOB_PROGRESSED', 'JOB_EDITED', 'JOB_ENDED'];
    expect(kindsOf(all)).toEqual([...ofTheJob, 'MEMBERS_CHANGED', 'JOB_DELETED']);
    expect(kindsOf(heard)).toEqual([...ofTheJob, 'JOB_DELETED']);
    expect(heard.events.at(-1)).toEqual({
      kind: 'JOB_DELETED',
      deletedId: jobId,
      job: null,
      environment: null,
      project: { id: projectId },
    });
    expect(heard.events[0]).toMatchObject({
      kind: 'ENVIRONMENT_CHANGED',
      environment: { id: environmentId },
    });
  });
});

describe('a reader who is slow', () => {
  /** Long enough that what waits for the reader soon outgrows every buffer on the way. */
  const document = `subscription($id: ID!) { projectChanged(projectId: $id, kinds: [JOB_EDITED, JOB_PROGRESSED]) {
    kind job { ... on Backup { note progress { sequence } ${Array.from({ length: 200 }, (_, index) => `n${index}: note`).join(' ')} } } } }`;
  const edits = 150;

  test('holds up nobody, and hears everything in the end but progress that is past', async () => {
    const jobId = await insertRunningJob(source, projectId, environmentId);
    const slow = new WebSocket(ready.graphql.replace('http', 'ws'), 'graphql-transport-ws');
    const frames: string[] = [];
    slow.on('message', (data: Buffer) => frames.push(data.toString()));
    await new Promise((resolve) => slow.once('open', resolve));
    const say = (message: unknown) => slow.send(JSON.stringify(message));
    say({ type: 'connection_init', payload: { authorization: `Bearer ${ready.token}` } });
    await until('it is let in', patienceMs, async () => frames.length > 0);
    say({ id: '1', type: 'subscribe', payload: { query: document, variables: { id: projectId } } });
    const fast = listen().to('projectChanged', document, { id: projectId });
    const edit = (text: string) =>
      source.query('UPDATE backups SET note = $2 WHERE id = $1', [jobId, text.padEnd(500, '.')]);
    await until('both listen', patienceMs, async () => {
      await edit('begin');
      return fast.events.length > 0 && frames.length > 1;
    });
    slow.pause();
    const before = fast.events.length;
    for (let index = 0; index < edits; index += 1) {
      await edit(`edit ${index}`);
      await source.query('UPDATE backups SET progress_done_bytes = $2 WHERE id = $1', [jobId, index]);
    }
    const editsHeard = (events: Array<Record<string, unknown>>) =>
      events.filter(({ kind }) => kind === 'JOB_EDITED').length;
    await until(
      'the fast one has heard all',
      patienceMs,
      async () => editsHeard(fast.events.slice(before)) >= edits,
    );
    slow.resume();
    const heardSlowly = () =>
      frames
        .slice(2)
        .map(
          (frame) =>
            (JSON.parse(frame) as { payload: { data: { projectChanged: Record<string, unknown> } } }).payload
              .data.projectChanged,
        );
    await until('the slow one too', patienceMs, async () => editsHeard(heardSlowly()) >= edits);
    const progress = heardSlowly().filter(({ kind }) => kind === 'JOB_PROGRESSED').length;
    expect(progress).toBeLessThan(edits);
    slow.close();
  });
});

describe('200 subscribers of one job', () => {
  const document = `subscription($id: ID!) { jobChanged(id: $id) { ... on Backup {
    note can workflow { url } project { viewerRole } requestedBy { name email apiTokens { name } } } } }`;
  const kinds: Array<{ role: Role | null; isSupport: boolean }> = [
    { role: 'VIEWER', isSupport: false },
    { role: 'OPERATOR', isSupport: false },
    { role: 'ADMIN', isSupport: false },
    { role: null, isSupport: true },
  ];

  const person = ({ role, isSupport }: (typeof kinds)[number]) =>
    newPerson(source, { isSupport, roles: role ? { [projectId]: role } : {} });

  test('each get what their role may see, and what is theirs alone', async () => {
    const people = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        return person(kinds[index % kinds.length] ?? { role: null, isSupport: false });
      }),
    );
    const [asker] = people;
    const jobId = await insertRunningJob(source, projectId, environmentId);
    await source.query(
      'UPDATE backups SET requested_by_id = (SELECT id FROM users WHERE email = $2) WHERE id = $1',
      [jobId, asker?.email],
    );
    const heard = people.flatMap(({ token }, index) =>
      Array.from({ length: 5 }, () => ({
        ...kinds[index % kinds.length],
        isAsker: index === 0,
        heard: listen(token).to('jobChanged', document, { id: jobId }),
      })),
    );
    await until('all listen', 60_000, async () => heard.every((each) => each.heard.events.length > 0));
    await source.query(`UPDATE backups SET note = 'for everybody' WHERE id = $1`, [jobId]);
    await until('all have heard it', 60_000, async () =>
      heard.every((each) => each.heard.events.at(-1)?.note === 'for everybody'),
    );
    for (const { role, isSupport, isAsker, heard: each } of heard) {
      const { can, workflow, project, requestedBy } = each.events.at(-1) as {
        can: string[];
        workflow: { url: string | null };
        project: { viewerRole: Role | null };
        requestedBy: { name: string; email: string; apiTokens: unknown[] };
      };
      const operates = role === 'OPERATOR' || role === 'ADMIN';
      expect(can).toEqual(operates ? ['CANCEL', 'EDIT_NOTE'] : []);
      expect(workflow.url !== null).toBe(isSupport);
      expect(project.viewerRole).toBe(role);
      expect(requestedBy.email).toBe(asker?.email);
      expect(requestedBy.apiTokens).toHaveLength(isAsker ? 1 : 0);
    }
  });
});

describe('limits', () => {
  test(`a socket carries ${mostOperations} operations at once`, async () => {
    const listening = listen();
    const heard = Array.from({ length: mostOperations + 1 }, () =>
      listening.to('projectChanged', projectChanged, { id: projectId }),
    );
    const last = heard.pop();
    await until('the last is refused', patienceMs, async () => last?.problem);
    expect(last?.problem).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    await Promise.all(heard.map(untilListening));
    expect(listening.closed).toEqual([]);
  });

  test(`a person has ${mostConnections} connections at once, whichever they are`, async () => {
    const { token } = await newViewer();
    const listeners = Array.from({ length: mostConnections }, () => listen(token));
    const heard = listeners.map((each) => each.to('projectChanged', projectChanged, { id: projectId }));
    await Promise.all(heard.map(untilListening));
    expect(await listen(token).untilClosed(patienceMs)).toBe(4429);
    const sse = createSseClient({
      url: `${ready.graphql}/stream`,
      headers: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    const ask = async () => {
      for await (const answer of sse.iterate({ query: projectChanged, variables: { id: projectId } }))
        return JSON.stringify(answer);
      return 'nothing';
    };
    expect(await ask()).toContain('RATE_LIMITED');
    await listeners.pop()?.leave();
    await until('there is room again', patienceMs, async () => {
      const again = listen(token).to('projectChanged', projectChanged, { id: projectId });
      await untilListening(again);
      return true;
    });
    sse.dispose();
  });
});

describe('a foreign page', () => {
  test('gets neither socket nor event stream', async () => {
    const origin = 'https://evil.example';
    const socket = new WebSocket(ready.graphql.replace('http', 'ws'), 'graphql-transport-ws', { origin });
    const refused = await new Promise((resolve) => {
      socket.on('error', ({ message }) => resolve(message));
      socket.on('open', () => resolve('open'));
    });
    expect(refused).toMatch(/401|403/);
    const stream = await fetch(`${ready.graphql}/stream`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', authorization: `Bearer ${ready.token}` },
      body: JSON.stringify({ query: projectChanged, variables: { id: projectId } }),
    });
    expect(stream.status).toBe(403);
  });
});

test('a document that cannot be read is told so, and the socket stays', async () => {
  const listening = listen();
  const broken = listening.to('x', 'subscription {', {});
  await until('it is refused', patienceMs, async () => broken.problem);
  expect(broken.problem).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  await untilListening(listening.to('projectChanged', projectChanged, { id: projectId }));
  expect(listening.closed).toEqual([]);
});
