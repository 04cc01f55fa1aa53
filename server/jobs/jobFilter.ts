import { ArgsType, Field, ID, InputType } from 'type-graphql';
import type { JobKind, JobStatus } from '#schema/domain';
import { DateTime, JobKindEnum, JobStatusEnum } from '#schema/entities';
import { PageArgs } from '../graph/pageArgs.js';

@InputType({
  description:
    'Lists jobs newest change first by (updatedAt, id): with `updatedAfter` a client catches up on what it missed.',
})
export class JobFilter {
  @Field(() => [JobKindEnum], { nullable: true, description: 'Of these kinds.' })
  kinds?: JobKind[] | null;

  @Field(() => [JobStatusEnum], { nullable: true, description: 'Standing like this.' })
  statuses?: JobStatus[] | null;

  @Field(() => [String], { nullable: true, description: 'Failed with one of these codes.' })
  failureCodes?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Of these projects.' })
  projectIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Of these environments.' })
  environmentIds?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Changed after this instant.' })
  updatedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for after this instant.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for before this instant.' })
  createdBefore?: Date | null;
}

@ArgsType()
export class JobsArgs extends PageArgs {
  @Field(() => JobFilter, { nullable: true, description: 'Only these.' })
  filter?: JobFilter | null;
}
