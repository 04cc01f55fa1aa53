import { Field, ID, ObjectType } from 'type-graphql';
import type { ProjectEventKind } from '#schema/domain';
import { DateTime, Environment, Job, Project, ProjectEventKindEnum } from '#schema/entities';

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

  @Field(() => Project, {
    nullable: true,
    description: 'The project as it is now: with MEMBERS_CHANGED, `viewerRole` is the caller’s new role.',
  })
  project?: Project | null;

  @Field(() => ID, { nullable: true, description: 'The id of a job that is gone.' })
  deletedId!: string | null;

  /** The project that it happened in. */
  projectId!: string;
}
