import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowIdReusePolicy,
  type SearchAttributePair,
} from '@temporalio/common';
import type { Logger } from 'pino';
import {
  plainInMarkdown,
  searchAttributes,
  taskQueue,
  workflowId,
  workflowTypes,
  type CreateBackupOrder,
} from '#schema/domain';
import type { Backup, Environment, Project } from '#schema/entities';
import { firstTaskOf, laterRequestsStayOut } from './reset.js';

const deadlineMs = 5_000;
type Keyword = (typeof searchAttributes)[keyof typeof searchAttributes];

/** What a workflow tells support staff about the job, without secrets. */
export interface JobFacts {
  backup: Backup;
  project: Project;
  environment: Environment;
}

/** Where a job’s workflow stands in Temporal. */
export type WorkflowState =
  'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TERMINATED' | 'TIMED_OUT' | 'UNKNOWN';

/** Starts, cancels, resets and looks up the workflows behind jobs. Every call gives up after five seconds. */
export class JobLauncher {
  private readonly client: Client;

  constructor(
    private readonly connection: Connection,
    private readonly namespace: string,
    private readonly publicUrl: string,
    private readonly log: Logger,
  ) {
    this.client = new Client({ connection, namespace });
  }

  /** Starts the job’s workflow. A job that has one already is left as it is: asking twice is harmless. */
  async start(
    facts: JobFacts,
    reuse: WorkflowIdReusePolicy = WorkflowIdReusePolicy.REJECT_DUPLICATE,
  ): Promise<boolean> {
    const { backup, project, environment } = facts;
    const order: CreateBackupOrder = { backupId: backup.id };
    const page = `${this.publicUrl}/projects/${project.slug}/backups/${backup.id}`;
    try {
      await this.timely(() =>
        this.client.workflow.start(workflowTypes.createBackup, {
          workflowId: workflowId.backup(backup.id),
          taskQueue,
          args: [order],
          workflowIdReusePolicy: reuse,
          typedSearchAttributes: attributesOf(facts),
          staticSummary: `[Backup of ${project.slug}/${environment.slug}](${page}) (${backup.contents.join(' and ').toLowerCase()})`,
          staticDetails: `${plainInMarkdown(`${project.name} / ${environment.name}`)}: [open the backup in Holdfast](${page})`,
        }),
      );
      return true;
    } catch (error: unknown) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** Asks the workflow to stop and clean up; nothing happens where it has ended or never began. */
  async cancel(backupId: string): Promise<void> {
    try {
      await this.timely(() => this.client.workflow.getHandle(workflowId.backup(backupId)).cancel());
    } catch (error: unknown) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Runs a failed or cancelled job again: resets it to its first task, or starts it anew where Temporal forgot it. */
  async retry(facts: JobFacts): Promise<void> {
    const id = workflowId.backup(facts.backup.id);
    const first = await this.timely(() => firstTaskOf(this.client, id));
    if (first === 'running') return;
    if (first === 'unknown') {
      await this.start(facts, WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY);
      return;
    }
    await this.timely(() =>
      this.client.workflowService.resetWorkflowExecution({
        namespace: this.namespace,
        workflowExecution: { workflowId: id, runId: first.runId },
        workflowTaskFinishEventId: first.eventId,
        reason: 'Retried in Holdfast',
        requestId: `retry-${first.runId}`,
        ...laterRequestsStayOut,
      }),
    );
  }

  /** How the newest run of the job’s workflow stands. */
  async state(backupId: string): Promise<WorkflowState> {
    try {
      const handle = this.client.workflow.getHandle(workflowId.backup(backupId));
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

  /** Runs a short workflow and waits for its answer; throws where Temporal or the worker does not answer in time. */
  async ask<Answer>(workflowType: string, id: string, order: object, timeoutMs: number): Promise<Answer> {
    return this.connection.withDeadline(Date.now() + timeoutMs, async () => {
      const answer: unknown = await this.client.workflow.execute(workflowType, {
        workflowId: id,
        taskQueue,
        args: [order],
        workflowExecutionTimeout: timeoutMs,
      });
      return answer as Answer;
    });
  }

  /** Starts without being waited for: what fails now the reconciler repeats. */
  startSoon(facts: JobFacts): void {
    this.soon('start', facts.backup.id, this.start(facts));
  }

  /** Cancels without being waited for: the worker sees the wish in the row as well. */
  cancelSoon(backupId: string): void {
    this.soon('cancel', backupId, this.cancel(backupId));
  }

  /** Retries without being waited for: what fails now the reconciler repeats. */
  retrySoon(facts: JobFacts): void {
    this.soon('retry', facts.backup.id, this.retry(facts));
  }

  private soon(what: string, backupId: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.log.warn({ backup: backupId, error: String(error) }, `could not ${what} now; it is tried again`);
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

function attributesOf({ backup, project, environment }: JobFacts): SearchAttributePair[] {
  const pair = (name: Keyword, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return [
    pair(searchAttributes.project, project.slug),
    pair(searchAttributes.environment, environment.slug),
    pair(searchAttributes.stage, environment.stage),
    pair(searchAttributes.kind, 'BACKUP'),
    pair(searchAttributes.trigger, backup.kind),
    pair(searchAttributes.job, backup.id),
    ...(backup.requestedById ? [pair(searchAttributes.requester, backup.requestedById)] : []),
  ];
}
