import { Client, Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { Ready } from './holdfast.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type EventId = NonNullable<HistoryEvent['eventId']>;

/** How a workflow ended, as support staff see it. */
export interface WorkflowSeen {
  runId: string;
  status: string;
  /** The type of the failure that it ended with. */
  failureType: string | null;
  failureMessage: string | null;
  /** The search attribute `HoldfastFailure`. */
  failureAttribute: string | null;
}

/** Temporal as support staff use it: beside Holdfast, not through it. Jobs are named by `workflowIdOf`. */
export class Temporal {
  private constructor(
    private readonly connection: Connection,
    readonly client: Client,
    private readonly namespace: string,
  ) {}

  /** Connects to the Temporal of a running Holdfast; close it when done. */
  static async of({ temporalAddress, temporalNamespace }: Ready): Promise<Temporal> {
    const connection = await Connection.connect({ address: temporalAddress });
    return new Temporal(
      connection,
      new Client({ connection, namespace: temporalNamespace }),
      temporalNamespace,
    );
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** The newest run of a backup’s workflow. */
  async look(backupId: string): Promise<WorkflowSeen> {
    const { runId, status, searchAttributes } = await this.handle(backupId).describe();
    const events = await this.history(backupId, runId);
    const failure = events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
    const attribute = searchAttributes.HoldfastFailure?.[0];
    return {
      runId,
      status: status.name,
      failureType: failure?.applicationFailureInfo?.type ?? null,
      failureMessage: failure?.message ?? null,
      failureAttribute: typeof attribute === 'string' ? attribute : null,
    };
  }

  /** The events of one run, or of the newest. */
  async history(backupId: string, runId?: string): Promise<HistoryEvent[]> {
    const { events } = await this.handle(backupId, runId).fetchHistory();
    return events ?? [];
  }

  /** Where the newest run can be reset to: the end of every task that its workflow has done, the first one first. */
  async resetPoints(backupId: string): Promise<EventId[]> {
    const events = await this.history(backupId);
    return events.flatMap(({ eventId, workflowTaskCompletedEventAttributes: done }) =>
      done && eventId ? [eventId] : [],
    );
  }

  /** Resets the newest run to such a point, as Temporal’s own page does; answers with the new run. */
  async reset(backupId: string, point: EventId): Promise<string> {
    const { runId } = await this.handle(backupId).describe();
    const answer = await this.connection.workflowService.resetWorkflowExecution({
      namespace: this.namespace,
      workflowExecution: { workflowId: workflowIdOf(backupId), runId },
      workflowTaskFinishEventId: point,
      reason: 'The cause was mended',
      requestId: crypto.randomUUID(),
    });
    return answer.runId;
  }

  async cancel(backupId: string): Promise<void> {
    await this.handle(backupId).cancel();
  }

  async terminate(backupId: string): Promise<void> {
    await this.handle(backupId).terminate('Ended by support staff');
  }

  /** How many runs there are for the backup’s workflow id. */
  async countRuns(backupId: string): Promise<number> {
    let runs = 0;
    for await (const _run of this.client.workflow.list({ query: `WorkflowId = '${workflowIdOf(backupId)}'` }))
      runs += 1;
    return runs;
  }

  private handle(job: string, runId?: string) {
    return this.client.workflow.getHandle(workflowIdOf(job), runId);
  }
}

/** A backup’s id alone means its workflow; others are named in full, e.g. `restore/<id>`. */
function workflowIdOf(job: string): string {
  return job.includes('/') ? job : `backup/${job}`;
}
