import type { WorkerTools } from './workerTools.js';

/** What is done again and again beside all jobs. */
interface Rounds {
  /** Of an advisory lock in the catalogue: whoever holds it does the round, so that one worker at a time does. */
  lockId: number;
  /** How long to wait between two rounds, in milliseconds. */
  everyMs: number;
  /** How the log calls it. */
  what: string;
  round: (stop: AbortSignal) => Promise<void>;
}

/** Does it in rounds until what is answered is called; a round that fails is tried again with the next. */
export function inRounds(
  { catalogue, log }: Pick<WorkerTools, 'catalogue' | 'log'>,
  rounds: Rounds,
): () => void {
  const { lockId, everyMs, what, round } = rounds;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  const alone = async () => {
    const lock = catalogue.createQueryRunner();
    try {
      const [mine] = (await lock.query('SELECT pg_try_advisory_lock($1) AS mine', [lockId])) as Array<{
        mine: boolean;
      }>;
      if (!mine?.mine) return;
      try {
        await round(stopping.signal);
      } finally {
        await lock.query('SELECT pg_advisory_unlock($1)', [lockId]);
      }
    } finally {
      await lock.release();
    }
  };
  const next = () => {
    alone()
      .catch((error: unknown) => log.warn({ error: String(error) }, `a round of ${what} failed`))
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
