import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { jobIdOf } from '#schema/domain';
import { Job, Project } from '#schema/entities';
import { connectionOf, type Page } from '../graph/connection.js';
import type { Context } from '../graph/context.js';
import { JobsArgs } from './jobFilter.js';
import { kindOf } from './kindOfJob.js';
import { listJobs } from './listJobs.js';

const { Connection: JobConnection } = connectionOf(Job, 'Job');

/** Everything that takes time, of a project and of all that the caller may see. */
@Resolver(() => Project)
export class JobListResolver {
  @Query(() => JobConnection, {
    description:
      'Jobs of the caller’s projects; of all projects for support staff. Newest change first: a job that changes while one pages moves to the front.',
  })
  async jobs(@Ctx() context: Context, @Args(() => JobsArgs) args: JobsArgs): Promise<Page<Job>> {
    context.signedIn();
    return listJobs(context.catalogue, await context.access.projectIds(), args);
  }

  @Query(() => Job, {
    nullable: true,
    description:
      'By the id that Temporal shows, e.g. `backup/…` or `restore/…`; null where there is none that the caller may see.',
  })
  async job(
    @Ctx() context: Context,
    @Arg('workflowId', () => String) workflowId: string,
  ): Promise<Job | null> {
    context.signedIn();
    const found = jobIdOf(workflowId);
    const job = found && (await context.access.job(found.id));
    return job && kindOf(job).kind === found.kind ? job : null;
  }

  @FieldResolver(() => JobConnection, {
    name: 'jobs',
    description: 'Everything that takes time: backups, restores, downloads, rescans. Newest change first.',
  })
  async jobsOfProject(
    @Root() project: Project,
    @Ctx() context: Context,
    @Args(() => JobsArgs) args: JobsArgs,
  ): Promise<Page<Job>> {
    return listJobs(context.catalogue, [project.id], args);
  }
}
