import { Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, WorkflowIdReusePolicy } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { taskQueue, type JobStart } from '#schema/domain';

/** Starts and cancels the workflows of jobs that belong to other jobs. */
export interface JobStarter {
  /** Starts the job’s workflow; one that has begun already is left as it is. */
  start(start: JobStart): Promise<void>;
  /** Asks it to stop; nothing happens where it has ended or never began. */
  cancel(workflowId: string): Promise<void>;
  /** Whether it is under way, has ended, or is none that is known (any more). */
  stateOf(workflowId: string): Promise<'running' | 'ended' | 'unknown'>;
}

/** Through the worker’s own connection. */
export function jobStarter(connection: NativeConnection, namespace: string): JobStarter {
  const { workflow } = new Client({ connection, namespace });
  return {
    async start({ workflowType, workflowId, order, summary, details, attributes }) {
      try {
        await workflow.start(workflowType, {
          workflowId,
          taskQueue,
          args: [order],
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          typedSearchAttributes: attributes.map(([name, value]) => ({
            key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
            value,
          })),
          staticSummary: summary,
          staticDetails: details,
        });
      } catch (error: unknown) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    async cancel(workflowId) {
      try {
        await workflow.getHandle(workflowId).cancel();
      } catch (error: unknown) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    async stateOf(workflowId) {
      try {
        const { status } = await workflow.getHandle(workflowId).describe();
        return status.name === 'RUNNING' ? 'running' : 'ended';
      } catch (error: unknown) {
        if (error instanceof WorkflowNotFoundError) return 'unknown';
        throw error;
      }
    },
  };
}
