import {
  tendMediaInThread,
  type MediaTask,
  type MediaTaskAnswers,
} from '../../engines/media/restore/tendMediaInThread.js';
import type { WorkerTools } from '../workerTools.js';

/** Does short work at media in a thread, with the worker’s own patience; `mayAct` is for switches of a bucket. */
export function tendMedia<Task extends MediaTask>(
  { storage, stallMs }: Pick<WorkerTools, 'storage' | 'stallMs'>,
  task: Task,
  signal: AbortSignal,
  mayAct?: () => Promise<void>,
): Promise<MediaTaskAnswers[Task['do']]> {
  return tendMediaInThread(task, { storage, signal, stallMs, ...(mayAct && { mayAct }) });
}
