import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TimeoutFailure,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Logger } from 'pino';
import { taskQueue, type JobStart } from '#schema/domain';
import { firstTaskOf, laterRequestsStayOut } from './reset.js';

const { TaskQueueType } = proto.temporal.api.enums.v1;
const deadlineMs = 5_000;
/** How long Temporal may take to say whether it is there, where a person waits. */
const probeMs = 2_000;

/** Where a job’s workflow stands in Temporal. */
export type WorkflowState =
  'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TERMINATED' | 'TIMED_OUT' | 'UNKNOWN';

/**
 * Starts, cancels, resets and looks up the workflows behind jobs, by their workflow ids. Every call gives up after five
 * seconds.
 */
export class JobLauncher {
  private readonly client: Client;

  constructor(
    private readonly connection: Connection,
    private readonly namespace: string,
    private readonly log: Logger,
  ) {
    this.client = new Client({ connection, namespace });
  }

  /** Starts a job’s workflow. A job that has one already is left as it is: asking twice is harmless. */
  async start(
    start: JobStart,
    reuse: WorkflowIdReusePolicy = WorkflowIdReusePolicy.REJECT_DUPLICATE,
  ): Promise<boolean> {
    try {
      await this.timely(() =>
        this.client.workflow.start(start.workflowType, {
          workflowId: start.workflowId,
          taskQueue,
          args: [start.order],
          workflowIdReusePolicy: reuse,
          typedSearchAttributes: start.attributes.map(([name, value]) => ({
            key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
            value,
          })),
          staticSummary: start.summary,
          staticDetails: start.details,
        }),
      );
      return true;
    } catch (error: unknown) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** Asks the workflow to stop and clean up; nothing happens where it has ended or never began. */
  async cancel(workflowId: string): Promise<void> {
    try {
      await this.timely(() => this.client.workflow.getHandle(workflowId).cancel());
    } catch (error: unknown) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Runs a failed or cancelled job again: resets it to its first task, or starts it anew where Temporal forgot it. */
  async retry(start: JobStart): Promise<void> {
    const { workflowId } = start;
    const first = await this.timely(() => firstTaskOf(this.client, workflowId));
    if (first === 'running') return;
    if (first === 'unknown') {
      await this.start(start, WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY);
      return;
    }
    await this.timely(() =>
      this.client.workflowService.resetWorkflowExecution({
        namespace: this.namespace,
        workflowExecution: { workflowId, runId: first.runId },
        workflowTaskFinishEventId: first.eventId,
        reason: 'Retried in Holdfast',
        requestId: `retry-${first.runId}`,
        ...laterRequestsStayOut,
      }),
    );
  }

  /** How the newest run of the job’s workflow stands. */
  async state(workflowId: string): Promise<WorkflowState> {
    try {
      const handle = this.client.workflow.getHandle(workflowId);
      const { status } = await this.timely(() => handle.describe());
      switch (status.name) {
        case 'RUNNING':
        case 'CONTINUED_AS_NEW':
        case 'PAUSED':
          return 'RUNNING';
        case 'COMPLETED':
        case 'FAILED':
          return status.name;
        case 'CANCELLED':
          return 'CANCELED';
        case 'TERMINATED':
        case 'TIMED_OUT':
          return status.name;
        default:
          return 'RUNNING';
      }
    } catch (error: unknown) {
      if (error instanceof WorkflowNotFoundError) return 'UNKNOWN';
      throw error;
    }
  }

  /**
   * Runs a short workflow and waits for its answer, `timeoutMs` milliseconds at the most; null where Temporal or the
   * worker does not answer in time: sooner where Temporal is away or knows of no worker. Throws where the work itself breaks.
   */
  async ask<Answer>(
    workflowType: string,
    id: string,
    order: object,
    timeoutMs: number,
  ): Promise<Answer | null> {
    try {
      const withinMs = (await this.hasWorker()) ? timeoutMs : Math.min(timeoutMs, deadlineMs);
      return await this.connection.withDeadline(Date.now() + withinMs, async () => {
        const answer: unknown = await this.client.workflow.execute(workflowType, {
          workflowId: id,
          taskQueue,
          args: [order],
          workflowExecutionTimeout: withinMs,
        });
        return answer as Answer;
      });
    } catch (error: unknown) {
      const broke = error instanceof WorkflowFailedError && !(error.cause instanceof TimeoutFailure);
      if (broke) throw error;
      this.log.warn({ workflow: id, error: String(error) }, 'nobody answered in time');
      return null;
    }
  }

  /** Whether a worker has asked for work lately; throws where Temporal does not answer at once. */
  private async hasWorker(): Promise<boolean> {
    const { pollers } = await this.connection.withDeadline(Date.now() + probeMs, () =>
      this.client.workflowService.describeTaskQueue({
        namespace: this.namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      }),
    );
    return pollers.length > 0;
  }

  /** Starts without being waited for: what fails now the reconciler repeats. */
  startSoon(start: JobStart): void {
    this.soon('start', start.workflowId, this.start(start));
  }

  /** Cancels without being waited for: the worker sees the wish in the row as well. */
  cancelSoon(workflowId: string): void {
    this.soon('cancel', workflowId, this.cancel(workflowId));
  }

  /** Retries without being waited for: what fails now the reconciler repeats. */
  retrySoon(start: JobStart): void {
    this.soon('retry', start.workflowId, this.retry(start));
  }

  private soon(what: string, workflow: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.log.warn({ workflow, error: String(error) }, `could not ${what} now; it is tried again`);
    });
  }

  /** Whether Temporal answers and has the namespace; it reads that from its own database. */
  async ready(): Promise<boolean> {
    try {
      await this.timely(() =>
        this.connection.workflowService.describeNamespace({ namespace: this.namespace }),
      );
      return true;
    } catch (error: unknown) {
      this.log.debug({ error: String(error) }, 'Temporal does not answer');
      return false;
    }
  }

  private timely<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return this.connection.withDeadline(Date.now() + deadlineMs, call);
  }
}
