import { setTimeout as delay } from 'node:timers/promises';
import { failures } from '#schema/domain';
import { StepProblem } from '../stepProblem.js';
import type { Storage } from './storage.js';

const againMs = 3_000;

/** Where what is found out is told. */
export interface WatchLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** What is known of storage. */
export interface StorageWatch {
  /** What stands in the way, in words for people; null where storage can be used. */
  problem(): string | null;
}

/** Tries storage until it can be used, or the signal aborts; what is wrong is logged once. */
export function watchStorage(storage: Storage, log: WatchLog, signal: AbortSignal): StorageWatch {
  let problem: string | null = 'waiting';
  void (async () => {
    while (!signal.aborted) {
      try {
        const { lacks } = await storage.probe();
        problem = null;
        log.info({ lacks }, 'the backup storage can be used');
        return;
      } catch (error: unknown) {
        const now = inWords(error);
        if (now !== problem) log.warn({ problem: now }, 'the backup storage cannot be used');
        problem = now;
        await delay(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  })();
  return { problem: () => problem };
}

function inWords(error: unknown): string {
  if (!(error instanceof StepProblem)) return `The backup storage could not be tried: ${String(error)}`;
  const remedy = (error.remedy ?? failures[error.code].remedy).replace(/,? then retry\.$/, '.');
  return `${error.message}. ${remedy}`;
}
