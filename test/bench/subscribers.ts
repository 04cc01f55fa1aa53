import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DataSource } from 'typeorm';
import type { Role } from '#schema/domain';
import { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { startHoldfast } from '../support/holdfast.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { insertRunningJob } from '../support/runningJob.js';
import type { Bench } from './bench.js';
import { brief, compared } from './rounds.js';

/** Where the peer asks for rights too, thousands would keep it busy with the first change until long after the second. */
const sockets = { ours: 5_000, plain: 5_000, strict: 500 };
const people = 500;
const rounds = 5;
/** Events per round: as many as take a few seconds. */
const events = { ours: 15, plain: 6, strict: 6 };
type Way = keyof typeof sockets;

const query = `subscription($id: ID!) { jobChanged(id: $id) { id status
  progress { attempt phase fraction doneBytes totalBytes bytesPerSecond secondsLeft sequence }
  failure { code message retryable } workflow { workflowId runId url }
  ... on Backup { kind contents note takenAt totalSize gitCommit can environment { id slug name stage } project { id viewerRole } } } }`;

interface Measured {
  messagesPerSecond: number;
  microsecondsPerMessage: number;
  kilobytesPerSocket: number;
}

interface Place {
  databaseUrl: string;
  source: DataSource;
  newJob: () => Promise<string>;
  tokens: string[];
}

/** One job that thousands look at. */
export const subscribers: Bench = {
  name: 'subscribers',
  question: `How many messages per second reach ${sockets.ours.toLocaleString('en')} subscribers of one job, each on a socket of its own, beside graphql-ws as it comes?`,
  run: async (say) => {
    const holdfast = await startHoldfast();
    const source = await openCatalogue(holdfast.data);
    try {
      const { graphql, token } = await holdfast.ready();
      const databaseUrl = (await Databases.of(holdfast.data)).catalogueUrl();
      const place = await prepare(source, databaseUrl, new Api(graphql, token));
      const measured: Record<Way, Measured[]> = { ours: [], plain: [], strict: [] };
      for (let round = 1; round <= rounds; round += 1) {
        const ways: Way[] = ['ours', 'plain', 'strict'];
        for (let turn = 0; turn < ways.length; turn += 1) {
          const way = ways[(round + turn) % ways.length] ?? 'ours';
          const result = await measure(way, place);
          measured[way].push(result);
          say(
            `round ${round}, ${way}: ${brief(result.messagesPerSecond)} messages/s, ${brief(result.microsecondsPerMessage)} µs each, ${brief(result.kilobytesPerSocket)} kB per socket`,
          );
        }
      }
      const beside = (peer: Way, of: keyof Measured) => ({
        ours: measured.ours.map((each) => each[of]),
        peer: measured[peer].map((each) => each[of]),
      });
      return {
        rounds,
        rows: [
          compared('messages', 'per second', beside('plain', 'messagesPerSecond'), 'at least 3'),
          compared('the server’s CPU per message', 'µs', beside('plain', 'microsecondsPerMessage')),
          compared('memory per socket', 'kB', beside('plain', 'kilobytesPerSocket')),
          compared(
            'messages, where the peer asks for rights too',
            'per second',
            beside('strict', 'messagesPerSecond'),
          ),
        ],
        notes: [
          `The peer is graphql-ws with the same schema and resolvers: it executes and encodes for each subscriber. It asks for nobody’s rights (Holdfast asks for everybody’s before every event), except in the last row, where it has ${sockets.strict} sockets.`,
          `${people} people in four roles with ten sockets each; server and subscribers are processes of their own on the same machine; the next change comes when the last one has reached everybody.`,
        ],
      };
    } finally {
      await source.destroy();
      await holdfast.stop();
    }
  },
};

async function prepare(source: DataSource, databaseUrl: string, api: Api): Promise<Place> {
  const projectId = await makeProject(api, 'watched');
  const environmentId = await makeEnvironment(api, projectId, 'live', {});
  const roles: Array<Role | null> = ['VIEWER', 'OPERATOR', 'ADMIN', null];
  const tokens: string[] = [];
  for (let index = 0; index < people; index += 1) {
    const role = roles[index % roles.length];
    const made = await newPerson(source, { isSupport: !role, roles: role ? { [projectId]: role } : {} });
    tokens.push(made.token);
  }
  return { databaseUrl, source, tokens, newJob: () => insertRunningJob(source, projectId, environmentId) };
}

async function measure(way: Way, { databaseUrl, source, newJob, tokens }: Place): Promise<Measured> {
  const server = start('liveServer.mjs', [way, databaseUrl], ['--expose-gc']);
  const client = start('liveClient.mjs', []);
  try {
    const { port } = await answerOf<{ port: number }>(server);
    const jobId = await newJob();
    const usage = () => ask<{ rss: number; cpu: number }>(server, {});
    const write = async () => {
      const [rows] = await source.query<[Array<{ sequence: string }>]>(
        'UPDATE backups SET progress_done_bytes = progress_done_bytes + 1 WHERE id = $1 RETURNING progress_sequence AS sequence',
        [jobId],
      );
      return Number(rows[0]?.sequence);
    };
    const change = async () => ask(client, { sequence: await write() });
    const empty = await usage();
    const url = `ws://127.0.0.1:${port}/graphql`;
    // A job that says nothing for long is taken for lost.
    const alive = setInterval(() => void write(), 12_000);
    await ask(client, { open: { url, tokens, sockets: sockets[way], query, id: jobId } });
    clearInterval(alive);
    await change();
    const before = await usage();
    const begun = performance.now();
    for (let event = 1; event <= events[way]; event += 1) await change();
    const seconds = (performance.now() - begun) / 1_000;
    const after = await usage();
    const messages = sockets[way] * events[way];
    return {
      messagesPerSecond: messages / seconds,
      microsecondsPerMessage: (after.cpu - before.cpu) / messages,
      kilobytesPerSocket: (before.rss - empty.rss) / sockets[way] / 1_000,
    };
  } finally {
    client.kill();
    server.kill();
  }
}

function start(file: string, args: string[], execArgv: string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv });
}

async function ask<Answer>(child: ChildProcess, order: object): Promise<Answer> {
  const answer = answerOf<Answer>(child);
  child.send(order);
  return answer;
}

async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const said = once(child, 'message', { signal });
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the bench ended with ${code}`);
  });
  for (const each of [said, ended]) each.catch(() => undefined);
  try {
    const [answer] = (await Promise.race([said, ended])) as [Answer];
    return answer;
  } finally {
    waiting.abort();
  }
}
