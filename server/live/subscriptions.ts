import { Arg, Ctx, Field, ID, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import {
  hasEnded,
  kindsOnlyByName,
  type Change,
  type ProjectChange,
  type ProjectEventKind,
} from '#schema/domain';
import { Backup, DateTime, Environment, Job, ProjectEventKindEnum } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { notFound } from '../graph/faults.js';
import type { ChangeQueue } from './changeQueue.js';
import { closable } from './closable.js';

@ObjectType({ description: 'A change in a project.' })
export class ProjectEvent {
  @Field(() => ProjectEventKindEnum, { description: 'What changed.' })
  kind!: ProjectEventKind;

  @Field(() => DateTime, { description: 'When it was seen.' })
  at!: Date;

  @Field(() => Job, { nullable: true, description: 'The job as it is now.' })
  job!: Job | null;

  @Field(() => Environment, { nullable: true, description: 'The environment as it is now.' })
  environment!: Environment | null;

  @Field(() => ID, { nullable: true, description: 'The id of a job that is gone.' })
  deletedId!: string | null;
}

interface JobChangedArgs {
  id: string;
}
interface ProjectChangedArgs {
  projectId: string;
  kinds?: ProjectEventKind[] | null;
}

/** What is pushed as it happens. Who may see it is asked anew before every event. */
@Resolver()
export class LiveResolver {
  @Subscription(() => Job, {
    subscribe: ({ args, context }) => jobChanges(context as Context, (args as JobChangedArgs).id),
    description:
      'The job as it is now, at once, then on every change; completes when it ends. (A later replay is seen by `projectChanged`, or by subscribing again.)',
  })
  jobChanged(@Root() job: Job, @Ctx() _context: Context, @Arg('id', () => ID) _id: string): Job {
    return job;
  }

  @Subscription(() => ProjectEvent, {
    subscribe: ({ args, context }) => projectChanges(context as Context, args as ProjectChangedArgs),
    description:
      'Every change in the project, also those begun by schedules, rules and other people. After a gap, load again what is shown.',
  })
  projectChanged(
    @Root() event: ProjectEvent,
    @Ctx() _context: Context,
    @Arg('projectId', () => ID) _projectId: string,
    @Arg('kinds', () => [ProjectEventKindEnum], { nullable: true }) _kinds?: ProjectEventKind[] | null,
  ): ProjectEvent {
    return event;
  }
}

/** Refuses before anything is streamed, so that every transport can say why. */
async function jobChanges(context: Context, id: string): Promise<AsyncGenerator<Job>> {
  context.signedIn();
  const queue = context.tools.changes.subscribe((change) => change.id === id);
  const job = await context.access.backup(id);
  if (job) return closable(queue, streamJob(context, queue, job));
  queue.close();
  throw notFound('job');
}

async function* streamJob(context: Context, queue: ChangeQueue, first: Backup): AsyncGenerator<Job> {
  try {
    let job: Backup | null = first;
    let seen = -1;
    while (job) {
      if (job.progress.sequence > seen) {
        seen = job.progress.sequence;
        yield job;
      }
      if (hasEnded(job.status) || !(await queue.next())) return;
      await context.refresh();
      job = await context.access.backup(first.id);
    }
  } finally {
    queue.close();
  }
}

async function projectChanges(
  context: Context,
  { projectId, kinds }: ProjectChangedArgs,
): Promise<AsyncGenerator<ProjectEvent>> {
  context.signedIn();
  const wanted = (change: Change) =>
    change.projectId === projectId &&
    (kinds ? kinds.includes(change.kind) : !kindsOnlyByName.includes(change.kind));
  const queue = context.tools.changes.subscribe(wanted);
  if (await context.access.project(projectId))
    return closable(queue, streamProject(context, queue, projectId));
  queue.close();
  throw notFound('project');
}

async function* streamProject(
  context: Context,
  queue: ChangeQueue,
  projectId: string,
): AsyncGenerator<ProjectEvent> {
  try {
    for (;;) {
      const change = await queue.next();
      if (!change) return;
      await context.refresh();
      if (!(await context.access.project(projectId))) return;
      yield await eventOf(context, change as ProjectChange);
    }
  } finally {
    queue.close();
  }
}

async function eventOf(context: Context, { kind, noun, id }: ProjectChange): Promise<ProjectEvent> {
  const deleted = kind === 'JOB_DELETED';
  return {
    kind,
    at: new Date(),
    job: noun === 'Backup' && !deleted ? await context.access.backup(id) : null,
    environment: noun === 'Environment' ? await context.access.environment(id) : null,
    deletedId: deleted ? id : null,
  };
}
