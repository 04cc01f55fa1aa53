import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { Logger } from 'pino';
import { In, LessThan, type DataSource } from 'typeorm';
import { describeFailure, type FailureCode, type JobStart } from '#schema/domain';
import { Environment, Project, type Job } from '#schema/entities';
import { everyKindOfJob, kindOf, type KindOfJob } from './kindOfJob.js';
import type { JobLauncher, WorkflowState } from './launcher.js';

const roundMs = 5_000;
/** A row that a mutation has just written is left to that mutation for so long. */
const settledMs = 3_000;
/** A running job that says nothing for so long is looked up in Temporal. */
const quietMs = 20_000;

/**
 * Makes rows and workflows agree, again and again: starts what has no workflow yet (Temporal was away), repeats
 * what people asked for until it holds, and ends rows whose workflow was ended in Temporal.
 */
export class Reconciler {
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly catalogue: DataSource,
    private readonly launcher: JobLauncher,
    private readonly publicUrl: string,
    private readonly log: Logger,
  ) {}

  /** Begins; a round that fails is logged and followed by the next. */
  start(): void {
    const next = () => {
      this.round = this.reconcile()
        .catch((error: unknown) => this.log.warn({ error: String(error) }, 'a reconciling round failed'))
        .then(() => {
          if (!this.stopped) this.timer = setTimeout(next, roundMs);
        });
    };
    next();
  }

  /** Ends after the round under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.round;
  }

  private async reconcile(): Promise<void> {
    for (const kind of everyKindOfJob) await this.reconcileKind(kind);
  }

  private async reconcileKind({ entity }: KindOfJob): Promise<void> {
    const now = Date.now();
    const unended = await this.catalogue.getRepository<Job>(entity).find({
      where: { status: In(['QUEUED', 'RUNNING']), updatedAt: LessThan(new Date(now - settledMs)) },
      order: { createdAt: 'ASC' },
      take: 500,
    });
    for (const job of unended) await this.settle(job, now);
  }

  private async settle(job: Job, now: number): Promise<void> {
    if (job.status === 'QUEUED') return this.settleQueued(job);
    if (awaitsRetry(job)) return this.launcher.retry(await this.startOf(job));
    if (now - job.updatedAt.getTime() < quietMs) return;
    await this.endWhereGone(job);
  }

  private async settleQueued(job: Job): Promise<void> {
    const started = await this.launcher.start(
      await this.startOf(job),
      WorkflowIdReusePolicy.REJECT_DUPLICATE,
    );
    if (!started) await this.endWhereGone(job);
  }

  private async endWhereGone(job: Job): Promise<void> {
    const state = await this.launcher.state(kindOf(job).workflowId(job.id));
    if (state !== 'RUNNING') await this.end(job, state);
  }

  /** Ends a row whose workflow is no longer there, unless the row has changed since it was read. */
  private async end(job: Job, state: Exclude<WorkflowState, 'RUNNING'>): Promise<void> {
    const canceled = state === 'CANCELED';
    const [code, what] = wordsFor(state);
    const { noun, entity } = kindOf(job);
    const { affected } = await this.catalogue.getRepository<Job>(entity).update(
      { id: job.id, status: job.status, progress: { sequence: job.progress.sequence } },
      {
        status: canceled ? 'CANCELED' : 'FAILED',
        failure: canceled ? null : describeFailure(code, job.progress.phase, what),
        finishedAt: new Date(),
      },
    );
    if (affected) this.log.info({ job: job.id, noun, state }, 'ended a job whose workflow had ended');
  }

  private async startOf(job: Job): Promise<JobStart> {
    const project = await this.catalogue.getRepository(Project).findOneByOrFail({ id: job.projectId });
    const environment = await this.catalogue
      .getRepository(Environment)
      .findOneByOrFail({ id: job.environmentId });
    return kindOf(job).start(job, { project, environment }, this.publicUrl);
  }
}

/** Whether a person asked to run the job again and no run has begun since. */
function awaitsRetry({ retryRequestedAt, startedAt }: Job): boolean {
  return retryRequestedAt !== null && (startedAt === null || startedAt < retryRequestedAt);
}

function wordsFor(state: Exclude<WorkflowState, 'RUNNING'>): [FailureCode, string] {
  switch (state) {
    case 'TERMINATED':
      return ['INTERNAL', 'The workflow was terminated in Temporal'];
    case 'TIMED_OUT':
      return ['INTERNAL', 'The workflow ran into a time limit in Temporal'];
    case 'UNKNOWN':
      return ['INTERNAL', 'Temporal no longer knows this workflow'];
    case 'FAILED':
    case 'COMPLETED':
    case 'CANCELED':
      return ['INTERNAL', 'The workflow ended without recording its result'];
  }
}
