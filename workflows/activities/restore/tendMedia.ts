import {
  tendMediaInThread,
  type MediaTask,
  type MediaTaskAnswers,
} from '../../engines/media/restore/tendMediaInThread.js';
import type { WorkerTools } from '../workerTools.js';

/** Does short work at a media folder in a thread, with the worker’s own patience. */
export function tendMedia<Task extends MediaTask>(
  { storage, stallMs }: Pick<WorkerTools, 'storage' | 'stallMs'>,
  task: Task,
  signal: AbortSignal,
): Promise<MediaTaskAnswers[Task['do']]> {
  return tendMediaInThread(task, { storage, signal, stallMs });
}
