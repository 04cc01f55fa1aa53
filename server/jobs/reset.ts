import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import proto from '@temporalio/proto';

type EventId = NonNullable<temporal.api.history.v1.IHistoryEvent['eventId']>;

/** Where a closed workflow can be reset to: its first task, in its newest run. */
export interface FirstTask {
  runId: string;
  eventId: EventId;
}

/**
 * Finds the first task of a job’s newest run; `running` where it has not ended, `unknown` where Temporal has
 * forgotten it or it never got as far as a task.
 */
export async function firstTaskOf(
  client: Client,
  workflowId: string,
): Promise<FirstTask | 'running' | 'unknown'> {
  try {
    const newest = await client.workflow.getHandle(workflowId).describe();
    if (newest.status.name === 'RUNNING') return 'running';
    const { events } = await client.workflow.getHandle(workflowId, newest.runId).fetchHistory();
    const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    return completed?.eventId ? { runId: newest.runId, eventId: completed.eventId } : 'unknown';
  } catch (error: unknown) {
    if (error instanceof WorkflowNotFoundError) return 'unknown';
    throw error;
  }
}

const { ResetReapplyExcludeType } = proto.temporal.api.enums.v1;

/** What came in after the point of the reset (a wish to cancel, say) belongs to the run that ended. */
export const laterRequestsStayOut = {
  resetReapplyExcludeTypes: [
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_CANCEL_REQUEST,
  ],
};
