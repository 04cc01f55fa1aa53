import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { startHoldfast } from '../support/holdfast.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import type { Bench } from './bench.js';
import { askOnce, latencies, requestsPerSecond, type Asked } from './load.js';
import { compared, interleaved, median } from './rounds.js';

const rows = 1_000_000;
const rounds = 7;
const document = `query($slug: String!, $after: String) { project(slug: $slug) { backups(first: 20, after: $after) {
  nodes { id kind contents note takenAt totalSize gitCommit status environment { id slug stage } }
  pageInfo { hasNextPage } } } }`;

interface Million {
  api: Api;
  databases: Databases;
  projectId: string;
  slug: string;
  asked: (after?: string) => Asked;
}

/** Twenty backups out of a million, against the least that could answer the same. */
export const list: Bench = {
  name: 'list',
  question: `How many lists of 20 backups out of ${rows.toLocaleString('en')} does the API answer per second, beside a bare node:http and pg server that sends the same JSON and asks nobody who they are?`,
  run: (say) =>
    withMillion(say, async (million) => {
      const bare = fork(fileURLToPath(new URL('./bareListServer.mjs', import.meta.url)), [
        million.databases.catalogueUrl(),
        million.projectId,
      ]);
      try {
        const [port] = (await once(bare, 'message')) as [number];
        const ours = million.asked();
        const peer = { ...ours, url: `http://127.0.0.1:${port}/` };
        await requireSame(ours, peer);
        const rates = await interleaved(
          rounds,
          () => requestsPerSecond(ours, 16, 2_000),
          () => requestsPerSecond(peer, 16, 2_000),
          say,
        );
        return {
          rounds,
          rows: [compared('lists per second, 16 at once', 'per second', rates)],
          notes: [
            'The peer asks for no sign-in and no rights and knows one list only: it is a limit, not a rival.',
          ],
        };
      } finally {
        bare.kill();
      }
    }),
};

/** Whether going far back costs more than looking at the newest. */
export const depth: Bench = {
  name: 'depth',
  question: 'Is page 10,000 of the list as quick as page 1?',
  run: (say) =>
    withMillion(say, async (million) => {
      const after = await cursorAt(million, 10_000 * 20 - 20);
      say('found the cursor of page 10,000 by paging there');
      const first = million.asked();
      const deep = million.asked(after);
      const times = await interleaved(
        rounds,
        async () => median(await latencies(deep, 100)),
        async () => median(await latencies(first, 100)),
        say,
      );
      return {
        rounds,
        rows: [compared('page 10,000 beside page 1', 'ms', times, 'at most 1.5')],
        notes: [
          '“Peer” is page 1 of the same list; each round is the median of 100 requests, one after the other.',
        ],
      };
    }),
};

async function withMillion<Result>(
  say: (line: string) => void,
  use: (million: Million) => Promise<Result>,
): Promise<Result> {
  const holdfast = await startHoldfast();
  try {
    const { graphql, token } = await holdfast.ready();
    const api = new Api(graphql, token);
    const projectId = await makeProject(api, 'million');
    const { slug } = await api.ask<{ slug: string }>(
      'node',
      'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
      { id: projectId },
    );
    const environments = [];
    for (const name of ['live', 'test']) {
      environments.push(await makeEnvironment(api, projectId, name, {}));
    }
    const databases = await Databases.of(holdfast.data);
    await fill(databases, projectId, environments);
    say(`filled the catalogue with ${rows.toLocaleString('en')} backups`);
    const asked = (after?: string): Asked => ({
      url: graphql,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: document, variables: { slug, after } }),
    });
    return await use({ api, databases, projectId, slug, asked });
  } finally {
    await holdfast.stop();
  }
}

/** Rows as a backup every few minutes over years would leave them; the announcing triggers rest meanwhile. */
async function fill(databases: Databases, projectId: string, environmentIds: string[]): Promise<void> {
  await databases.catalogue('ALTER TABLE backups DISABLE TRIGGER USER');
  await databases.catalogue(
    `INSERT INTO backups (project_id, environment_id, status, kind, contents, note, taken_at, listed_at, created_at,
       started_at, finished_at, total_size, stored_size, git_commit, progress_phase, progress_fraction)
     SELECT $1, ($2::uuid[])[1 + i % 2], 'SUCCEEDED', 'ON_DEMAND', ARRAY['DATABASE', 'MEDIA'], 'Backup number ' || i,
       now() - i * interval '3 minutes', now() - i * interval '3 minutes', now() - i * interval '3 minutes',
       now(), now(), 123456789 + i, 1234567 + i, md5(i::text) || '00000000', 'sealed', 1
     FROM generate_series(1, ${rows}) AS i`,
    [projectId, environmentIds],
  );
  await databases.catalogue('ALTER TABLE backups ENABLE TRIGGER USER');
  await databases.catalogue('VACUUM ANALYZE backups');
}

/** The cursor behind so many rows, found as a client finds it: page by page. */
async function cursorAt({ api, slug }: Million, position: number): Promise<string> {
  let after: string | null = null;
  for (let seen = 0; seen < position; seen += 100) {
    const project: { backups: { pageInfo: { endCursor: string } } } = await api.ask(
      'project',
      'query($slug: String!, $first: Int, $after: String) { project(slug: $slug) { backups(first: $first, after: $after) { pageInfo { endCursor } } } }',
      { slug, first: Math.min(100, position - seen), after },
    );
    after = project.backups.pageInfo.endCursor;
  }
  return after ?? '';
}

async function requireSame(ours: Asked, peer: Asked): Promise<void> {
  const [here, there] = [await askOnce(ours), await askOnce(peer)];
  if (JSON.stringify(JSON.parse(here)) !== JSON.stringify(JSON.parse(there))) {
    throw new Error(`The two answer differently:\n${here.slice(0, 600)}\n${there.slice(0, 600)}`);
  }
}
