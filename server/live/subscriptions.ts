import { Arg, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { ProjectEventKind } from '#schema/domain';
import { Job, Project, ProjectEventKindEnum } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { notFound } from '../graph/faults.js';
import { kindOf } from '../jobs/kindOfJob.js';
import { ProjectEvent } from './projectEvent.js';
import { JobSource, ProjectSource } from './sources.js';

interface JobChangedArgs {
  id: string;
}
interface ProjectChangedArgs {
  projectId: string;
  kinds?: ProjectEventKind[] | null;
}

/** What is pushed as it happens. Who may see it is asked anew before every event. */
@Resolver(() => ProjectEvent)
export class LiveResolver {
  @Subscription(() => Job, {
    subscribe: ({ args, context }) => followJob(context as Context, args as JobChangedArgs),
    description:
      'The job as it is now, at once, then on every change; completes when it ends. (A later replay is seen by `projectChanged`, or by subscribing again.)',
  })
  jobChanged(@Root() job: Job, @Ctx() _context: Context, @Arg('id', () => ID) _id: string): Job {
    return job;
  }

  @Subscription(() => ProjectEvent, {
    subscribe: ({ args, context }) => followProject(context as Context, args as ProjectChangedArgs),
    description:
      'Every change in the project, also those begun by schedules, rules and other people. After a gap, catch up with `jobs(filter: {updatedAfter})`. MEMBERS_CHANGED comes only where `kinds` names it.',
  })
  projectChanged(
    @Root() event: ProjectEvent,
    @Ctx() _context: Context,
    @Arg('projectId', () => ID) _projectId: string,
    @Arg('kinds', () => [ProjectEventKindEnum], { nullable: true }) _kinds?: ProjectEventKind[] | null,
  ): ProjectEvent {
    return event;
  }

  @FieldResolver(() => Project, { nullable: true })
  async project(@Root() event: ProjectEvent, @Ctx() context: Context): Promise<Project | null> {
    return context.loaders.project.load(event.projectId);
  }
}

/** Refuses before anything is streamed, so that every transport can say why. */
async function followJob(context: Context, { id }: JobChangedArgs): Promise<JobSource> {
  context.signedIn();
  const job = await context.access.job(id);
  if (!job) throw notFound('job');
  return new JobSource(kindOf(job).noun, job);
}

async function followProject(
  context: Context,
  { projectId, kinds }: ProjectChangedArgs,
): Promise<ProjectSource> {
  context.signedIn();
  const project = await context.access.project(projectId);
  if (!project) throw notFound('project');
  return new ProjectSource(project.id, kinds ?? null);
}
