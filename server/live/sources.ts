import {
  hasEnded,
  isJobNoun,
  kindsOnlyByName,
  type JobNoun,
  type ProjectChange,
  type ProjectEventKind,
} from '#schema/domain';
import type { Job } from '#schema/entities';
import type { ProjectEvent } from './projectEvent.js';
import type { Rows } from './rows.js';

/** What there is to tell of a change, as it is by now. */
export interface News {
  /** What the subscription’s field is resolved from. */
  root: unknown;
  /** Grows with every change, so that nobody is told twice; null where each telling counts. */
  sequence: number | null;
  /** Whether nothing will follow. */
  last: boolean;
}

/**
 * What a subscription follows, and in which project: whoever may not see that project hears nothing. It is iterable
 * by name only, as graphql-js wants it: `Live` serves subscriptions, one execution for many subscribers.
 */
export abstract class Source implements AsyncIterable<never> {
  constructor(
    readonly projectId: string,
    /** Which changes are looked at: those of `job/<id>` or of `project/<id>`. */
    readonly topic: string,
    /** What a new subscriber is told at once, and one whose rights have changed; null: nothing. */
    readonly present: ProjectChange | null,
  ) {}

  /** Whether subscribers are told of this change. */
  abstract wants(change: ProjectChange): boolean;

  /** What there is to tell; null where what was followed is gone. */
  abstract look(change: ProjectChange, rows: Rows): Promise<News | null>;

  [Symbol.asyncIterator](): never {
    throw new Error('Live serves subscriptions; graphql-js by itself cannot.');
  }
}

/** A job, from now to its end. */
export class JobSource extends Source {
  constructor(noun: JobNoun, { id, projectId }: Pick<Job, 'id' | 'projectId'>) {
    super(projectId, `job/${id}`, { noun, id, projectId, kind: 'JOB_EDITED' });
  }

  override wants(): boolean {
    return true;
  }

  override async look({ noun, id }: ProjectChange, rows: Rows): Promise<News | null> {
    const job = isJobNoun(noun) ? await rows.jobs[noun].load(id) : null;
    return job && { root: job, sequence: job.progress.sequence, last: hasEnded(job.status) };
  }
}

/** Whatever changes in a project. */
export class ProjectSource extends Source {
  constructor(
    projectId: string,
    private readonly kinds: readonly ProjectEventKind[] | null,
  ) {
    super(projectId, `project/${projectId}`, null);
  }

  override wants({ kind }: ProjectChange): boolean {
    return this.kinds ? this.kinds.includes(kind) : !kindsOnlyByName.includes(kind);
  }

  override async look({ kind, noun, id, projectId }: ProjectChange, rows: Rows): Promise<News> {
    const deleted = kind === 'JOB_DELETED';
    const event: ProjectEvent = {
      kind,
      at: new Date(),
      job: isJobNoun(noun) && !deleted ? await rows.jobs[noun].load(id) : null,
      environment: noun === 'Environment' ? await rows.environment.load(id) : null,
      deletedId: deleted ? id : null,
      projectId,
    };
    return { root: event, sequence: null, last: false };
  }
}
