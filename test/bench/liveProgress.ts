import type { DataSource } from 'typeorm';
import type { Browser } from 'playwright-core';
import { Api } from '../support/api.js';
import { openBrowser } from '../support/browser.js';
import { startHoldfast } from '../support/holdfast.js';
import { Listening, untilHeard } from '../support/listening.js';
import { openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { insertRunningJob } from '../support/runningJob.js';
import { until } from '../support/until.js';
import type { Bench } from './bench.js';
import { brief, median, percentile } from './rounds.js';

const rounds = 5;
const changesPerRound = 100;
/** Five times as often as activities write. */
const everyMs = 50;
const document = `subscription($id: ID!) { jobChanged(id: $id) { id status
  progress { attempt phase fraction doneBytes totalBytes bytesPerSecond secondsLeft sequence } ... on Backup { can } } }`;

/** Notes when each sequence came; milliseconds since the epoch. */
type Arrivals = () => Promise<Record<number, number>>;

/** How long a change of progress is under way. */
export const liveProgress: Bench = {
  name: 'liveProgress',
  question:
    'How long after the write of progress to the job’s row does the message reach a WebSocket client, and a page in Chromium?',
  run: async (say) => {
    const holdfast = await startHoldfast();
    const source = await openCatalogue(holdfast.data);
    const browser = await openBrowser();
    try {
      const { graphql, token } = await holdfast.ready();
      const api = new Api(graphql, token);
      const projectId = await makeProject(api, 'watched');
      const environmentId = await makeEnvironment(api, projectId, 'live', {});
      const taken = { client: [] as number[][], page: [] as number[][] };
      for (let round = 1; round <= rounds; round += 1) {
        const jobId = await insertRunningJob(source, projectId, environmentId);
        const client = await listenHere(graphql, token, jobId);
        const page = await listenInChromium(browser, graphql, token, jobId);
        const written = await writeProgress(source, jobId);
        const last = Math.max(...written.keys());
        for (const [who, arrivals] of [
          ['client', client],
          ['page', page],
        ] as const) {
          const at = await until('the last change has come', 30_000, async () => {
            const all = await arrivals();
            return all[last] ? all : null;
          });
          const times = delays(written, at);
          taken[who].push(times);
          say(
            `round ${round}, ${who}: ${times.length} changes, p50 ${brief(median(times))} ms, p99 ${brief(percentile(times, 0.99))} ms`,
          );
        }
      }
      const row = (what: string, times: number[][], share: number, aim: string | null) => ({
        what,
        ours: median(times.map((each) => percentile(each, share))),
        peer: null,
        unit: 'ms',
        ratio: null,
        aim,
      });
      return {
        rounds,
        rows: [
          row('WebSocket client, p50', taken.client, 0.5, null),
          row('WebSocket client, p99', taken.client, 0.99, 'at most 250'),
          row('page in Chromium, p50', taken.page, 0.5, null),
          row('page in Chromium, p99', taken.page, 0.99, 'at most 250'),
        ],
        notes: [
          `${changesPerRound} changes a round, ${everyMs} ms apart, timed from before the UPDATE is sent until the message was read; writer, server, client and Chromium share one machine.`,
          'Progress that newer progress has replaced on its way counts until that one came.',
        ],
      };
    } finally {
      await browser.close();
      await source.destroy();
      await holdfast.stop();
    }
  },
};

/** Writes progress as an activity does; answers with when each change began to be written. */
async function writeProgress(source: DataSource, jobId: string): Promise<Map<number, number>> {
  const written = new Map<number, number>();
  for (let change = 1; change <= changesPerRound; change += 1) {
    const begun = Date.now();
    const [rows] = await source.query<[Array<{ sequence: string }>]>(
      'UPDATE backups SET progress_done_bytes = $2 WHERE id = $1 RETURNING progress_sequence AS sequence',
      [jobId, change],
    );
    written.set(Number(rows[0]?.sequence), begun);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return written;
}

/** Milliseconds from each write until it, or a newer one that replaced it, had come. */
function delays(written: Map<number, number>, at: Record<number, number>): number[] {
  let came = Number.NaN;
  return [...written].reverse().map(([sequence, begun]) => {
    came = at[sequence] ?? came;
    return came - begun;
  });
}

async function listenHere(graphql: string, token: string, id: string): Promise<Arrivals> {
  const arrivals: Record<number, number> = {};
  const heard = new Listening(graphql, { token }).to('jobChanged', document, { id }, ({ progress }) => {
    arrivals[(progress as { sequence: number }).sequence] = Date.now();
  });
  await untilHeard(heard, 'the client listens', 30_000);
  return async () => arrivals;
}

/** The same in a page, which speaks graphql-ws by hand. */
async function listenInChromium(
  browser: Browser,
  graphql: string,
  token: string,
  id: string,
): Promise<Arrivals> {
  const page = await browser.newPage();
  await page.goto(new URL('/sign-in', graphql).href, { waitUntil: 'networkidle' });
  await page.evaluate(
    ({ url, token: secret, query, id: jobId }) =>
      new Promise<void>((resolve, reject) => {
        const arrivals: Record<number, number> = {};
        Object.assign(window, { arrivals });
        const socket = new WebSocket(url, 'graphql-transport-ws');
        const say = (message: unknown) => socket.send(JSON.stringify(message));
        socket.addEventListener('close', ({ code }) => reject(new Error(`closed by ${code}`)));
        socket.addEventListener('open', () =>
          say({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } }),
        );
        socket.addEventListener('message', ({ data }) => {
          const message = JSON.parse(data as string) as {
            type: string;
            payload: { data: { jobChanged: { progress: { sequence: number } } } };
          };
          if (message.type === 'connection_ack') {
            say({ id: 'a', type: 'subscribe', payload: { query, variables: { id: jobId } } });
          } else if (message.type === 'next') {
            arrivals[message.payload.data.jobChanged.progress.sequence] = Date.now();
            resolve();
          }
        });
      }),
    { url: graphql.replace(/^http/, 'ws'), token, query: document, id },
  );
  return () => page.evaluate(() => (window as unknown as { arrivals: Record<number, number> }).arrivals);
}
