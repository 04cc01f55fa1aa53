import type { WorkerTools } from '../workerTools.js';
import { clearDownloads } from './clearDownloads.js';
import { tendMails } from './tendMails.js';

const everyMs = 10_000;
const lockId = 4_846_003;

/**
 * What no run of a download does any more: removes files whose time is over and what ended runs left, and begins mails that
 * were forgotten. One worker at a time; what fails is tried again in the next round. Answers with what ends it.
 */
export function startDownloadHousekeeping(tools: WorkerTools): () => void {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  const next = () => {
    round(tools, stopping.signal)
      .catch((error: unknown) =>
        tools.log.warn({ error: String(error) }, 'a round of the downloads’ housekeeping failed'),
      )
      .finally(() => {
        if (!stopping.signal.aborted) timer = setTimeout(next, everyMs);
      });
  };
  timer = setTimeout(next, everyMs);
  return () => {
    stopping.abort();
    if (timer) clearTimeout(timer);
  };
}

async function round(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const lock = tools.catalogue.createQueryRunner();
  try {
    const [mine] = (await lock.query('SELECT pg_try_advisory_lock($1) AS mine', [lockId])) as Array<{
      mine: boolean;
    }>;
    if (!mine?.mine) return;
    try {
      await tendMails(tools, stop);
      await clearDownloads(tools, stop);
    } finally {
      await lock.query('SELECT pg_advisory_unlock($1)', [lockId]);
    }
  } finally {
    await lock.release();
  }
}
