import { Router } from 'express';
import type { Tools } from '../graph/context.js';

/** `/healthz`: the process lives. `/readyz`: it can do its work; the body names what it waits for. */
export function healthRoutes(tools: Tools): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  router.get('/readyz', async (_request, response) => {
    const waiting: string[] = [];
    const catalogue = await tools.catalogue.query('SELECT 1').then(
      () => true,
      () => false,
    );
    if (!catalogue) waiting.push('the catalogue (DATABASE_URL)');
    if (!tools.changes.listening) waiting.push('the catalogue’s announcements');
    if (!(await tools.launcher.ready())) waiting.push('Temporal (TEMPORAL_ADDRESS)');
    response.status(waiting.length === 0 ? 200 : 503).type('text/plain');
    response.send(waiting.length === 0 ? 'ready\n' : `waiting for ${waiting.join(', ')}\n`);
  });
  return router;
}
