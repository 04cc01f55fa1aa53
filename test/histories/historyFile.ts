import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
const { History } = proto.temporal.api.history.v1;

/**
 * A history as JSON, without what belongs to the machine that recorded it: who worked on a task, sticky queues, builds
 * and stack traces. Nothing of that decides how a workflow runs.
 */
export function toJson(history: History): string {
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  return `${JSON.stringify(plain, withoutMachine, 1)}\n`;
}

/** The history that `toJson` wrote. */
export function fromJson(text: string): History {
  return History.fromObject(JSON.parse(text) as Record<string, unknown>);
}

function withoutMachine(name: string, value: unknown): unknown {
  switch (name) {
    case 'identity':
    case 'buildId':
    case 'stackTrace':
    case 'binaryChecksum':
      return '';
    case 'taskQueue':
      return isSticky(value) ? { name: 'sticky', kind: value.kind, normalName: 'holdfast' } : value;
    default:
      return value;
  }
}

function isSticky(queue: unknown): queue is { kind: string } {
  return typeof queue === 'object' && queue !== null && 'kind' in queue && queue.kind === 'TASK_QUEUE_KIND_STICKY';
}
