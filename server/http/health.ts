import { setTimeout as pause } from 'node:timers/promises';
import { Router } from 'express';
import { migrationProblem } from '#schema/catalogue';
import type { Tools } from '../graph/context.js';

/** A part that does not answer within this time is waited for, as one that refuses. */
const answerWithinMs = 3_000;
const temporal = 'Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)';

/** `/healthz`: the process lives. `/readyz`: it can do its work; the body names what it waits for. */
export function healthRoutes(tools: Tools): Router {
  const router = Router();
  let asking: Promise<string[]> | null = null;
  // However many ask at once, the parts are asked once.
  const waiting = () => (asking ??= waitingFor(tools).finally(() => (asking = null)));

  router.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  router.get('/readyz', async (_request, response) => {
    const parts = await waiting();
    response.setHeader('Cache-Control', 'no-store');
    response.status(parts.length === 0 ? 200 : 503).type('text/plain');
    response.send(parts.length === 0 ? 'ready\n' : `waiting for ${parts.join('; ')}\n`);
  });
  return router;
}

/** Everything without which the server cannot work, as far as it is missing now. */
async function waitingFor({ catalogue, changes, launcher }: Tools): Promise<string[]> {
  const parts = await Promise.all([
    timely('the catalogue (DATABASE_URL)', () => migrationProblem(catalogue)),
    changes.listening ? null : 'the catalogue’s announcements',
    timely(temporal, async () => ((await launcher.ready()) ? null : temporal)),
  ]);
  return parts.filter((part) => part !== null);
}

/** What is wrong with a part, if anything; its name where it fails or does not answer in time. */
async function timely(part: string, ask: () => Promise<string | null>): Promise<string | null> {
  const over = new AbortController();
  const late = pause(answerWithinMs, part, { signal: over.signal, ref: false }).catch(() => part);
  const answer = await Promise.race([ask().catch(() => part), late]);
  over.abort();
  return answer;
}
