import { Field, Float, Int, InterfaceType, ObjectType } from 'type-graphql';
import { Column, CreateDateColumn, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import type { Failure, FailureCode, JobStatus } from '#schema/domain';
import { JobStatusEnum } from './enums.js';
import { Environment } from './environment.js';
import { Node } from './node.js';
import { Project } from './project.js';
import { bigintAsNumber, DateTime, SafeInt } from './scalars.js';
import { User } from './user.js';

/** How far a job is. */
@ObjectType({ description: 'How far a job is. Bytes are bytes of the source.' })
export class JobProgress {
  @Field(() => Int, {
    description: '1, 2, … : counts retries of the step by the system, replays by people included.',
  })
  @Column('int', { name: 'progress_attempt', default: 1 })
  attempt!: number;

  @Field(() => String, { description: 'The step under way, e.g. `database`, `media`, `upload`, `verify`.' })
  @Column('text', { name: 'progress_phase', default: 'queued' })
  phase!: string;

  @Field(() => Float, {
    nullable: true,
    description: '0 to 1, never decreasing within an attempt; null while it cannot be told.',
  })
  @Column('double precision', { name: 'progress_fraction', nullable: true })
  fraction!: number | null;

  @Field(() => SafeInt, { description: 'Bytes done.' })
  @Column('bigint', { name: 'progress_done_bytes', default: 0, transformer: bigintAsNumber })
  doneBytes!: number;

  @Field(() => SafeInt, { nullable: true, description: 'Bytes in all; null while unknown.' })
  @Column('bigint', { name: 'progress_total_bytes', nullable: true, transformer: bigintAsNumber })
  totalBytes!: number | null;

  @Field(() => SafeInt, { nullable: true, description: 'Bytes per second over the last seconds.' })
  @Column('bigint', { name: 'progress_bytes_per_second', nullable: true, transformer: bigintAsNumber })
  bytesPerSecond!: number | null;

  @Field(() => Int, { nullable: true, description: 'Seconds left at that rate.' })
  @Column('int', { name: 'progress_seconds_left', nullable: true })
  secondsLeft!: number | null;

  /** Raised by a trigger at every change of the row, whoever makes it. */
  @Field(() => SafeInt, {
    description:
      'Strictly greater with every change of the job, across attempts and replays too: a client that reconnects drops what is not newer.',
  })
  @Column('bigint', { name: 'progress_sequence', default: 1, transformer: bigintAsNumber })
  sequence!: number;
}

/** Why a job failed. */
@ObjectType({
  description:
    '`code` is stable. Known: DATABASE_UNREACHABLE, DATABASE_AUTHENTICATION, DATABASE_PERMISSION, DATABASE_LOCKED, DATABASE_VERSION, DATABASE_DUMP_FAILED, DATABASE_RESTORE_FAILED, MEDIA_NOT_FOUND, MEDIA_UNREADABLE, MEDIA_RESTORE_FAILED, STORAGE_UNREACHABLE, STORAGE_AUTHENTICATION, STORAGE_FULL, BACKUP_DAMAGED, BACKUP_GONE, DESTINATION_GONE, DESTINATION_FULL, SAFETY_BACKUP_FAILED, STALLED, INTERNAL.',
})
export class JobFailure implements Failure {
  @Field(() => String, { description: 'Stable code.' })
  code!: FailureCode;

  @Field(() => String, { description: 'The step that failed, what happened, and what to do.' })
  message!: string;

  @Field(() => Boolean, { description: 'Whether `retryJob` can help.' })
  retryable!: boolean;
}

/** Where support staff find the job in Temporal. */
@ObjectType({
  description:
    'Where support staff find the job in Temporal: the newest run. `url` is null for callers who are not support staff, and once Temporal has forgotten the run.',
})
export class Workflow {
  @Field(() => String, { description: 'The workflow’s id.' })
  workflowId!: string;

  @Field(() => String, { nullable: true, description: 'The newest run; null until it has begun.' })
  runId!: string | null;

  @Field(() => String, { description: 'The queue that its worker serves.' })
  taskQueue!: string;

  @Field(() => String, { nullable: true, description: 'The run’s page in Temporal’s web UI.' })
  url!: string | null;
}

/** A durable piece of work: the columns that every kind of job has. */
@InterfaceType({
  implements: Node,
  description:
    'A durable piece of work. It survives the loss of any process; its id is the same in the web app, the API and Temporal.',
})
export abstract class Job extends Node {
  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Field(() => Project, { description: 'The project that it is about.' })
  @ManyToOne(() => Project, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'project_id' })
  project?: Relation<Project>;

  @Column('uuid', { name: 'environment_id' })
  environmentId!: string;

  @Field(() => Environment, {
    nullable: true,
    description: 'Null where the job is about none, e.g. the download of a legacy backup.',
  })
  @ManyToOne(() => Environment, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'environment_id' })
  environment?: Relation<Environment>;

  @Field(() => JobStatusEnum, { description: 'Where it stands.' })
  @Column('text', { default: 'QUEUED' })
  status!: JobStatus;

  @Field(() => JobProgress, { description: 'How far it is.' })
  @Column(() => JobProgress, { prefix: false })
  progress!: JobProgress;

  @Field(() => JobFailure, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  @Column('jsonb', { nullable: true })
  failure!: JobFailure | null;

  @Column('uuid', { name: 'requested_by_id', nullable: true })
  requestedById!: string | null;

  @Field(() => User, {
    nullable: true,
    description: 'Null for jobs that a schedule or a rule began, and once the account is gone.',
  })
  @ManyToOne(() => User, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'requested_by_id' })
  requestedBy?: Relation<User> | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  /** Set by a trigger. */
  @Field(() => DateTime, { description: 'When anything of it last changed.' })
  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its newest run began.' })
  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The newest run that claimed the row; null until one has. */
  @Column('text', { name: 'run_id', nullable: true })
  runId!: string | null;

  /** When a person asked to cancel; counts for the run that is under way then. */
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt!: Date | null;

  /** When a person asked to run it again; the reconciler sees to it until a run has begun. */
  @Column('timestamptz', { name: 'retry_requested_at', nullable: true })
  retryRequestedAt!: Date | null;

  @Field(() => Workflow, { description: 'Where it stands in Temporal.' })
  workflow?: Workflow;
}
