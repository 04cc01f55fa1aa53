import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import {
  mayDo,
  openProjectActions,
  refusals,
  type ProjectAction,
  type Role,
  type Stage,
} from '#schema/domain';
import { Environment, Member, Project, ProjectActionEnum, RoleEnum, StageEnum } from '#schema/entities';
import { connectionOf, readPage, type Page } from '../graph/connection.js';
import { PageArgs } from '../graph/pageArgs.js';
import type { Context } from '../graph/context.js';
import { nameRefusals, slugRefusals } from '../graph/nameRefusals.js';
import { answer, Payload, Refused } from '../graph/payload.js';
import { searchWords } from '../graph/searchWords.js';
import { isUniqueViolation } from '../graph/uniqueViolation.js';
import { factsOf } from '../people/memberFacts.js';

export const { Connection: ProjectConnection, Edge: ProjectEdge } = connectionOf(Project, 'Project');

@ArgsType()
class ProjectsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Words in the name or slug.' })
  search?: string | null;
}

@InputType()
export class CreateProjectInput {
  @Field(() => String, { description: 'Unique, URL-safe: lower-case letters, digits and hyphens.' })
  slug!: string;

  @Field(() => String, { description: 'How people call it, up to 100 characters.' })
  name!: string;
}

@ObjectType()
export class ProjectPayload extends Payload {
  @Field(() => Project, { nullable: true, description: 'The project; null where a rule said no.' })
  project?: Project;
}

/** Projects: who may see which, and what they hold. */
@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => ProjectConnection, { description: 'The caller’s projects; all projects for support staff.' })
  async projects(
    @Ctx() context: Context,
    @Args(() => ProjectsArgs) args: ProjectsArgs,
  ): Promise<Page<Project>> {
    const { user } = context.signedIn();
    const query = context.catalogue.getRepository(Project).createQueryBuilder('project');
    if (!user.isSupport) {
      query.innerJoin(Member, 'member', 'member.project_id = project.id AND member.user_id = :user', {
        user: user.id,
      });
    }
    for (const [index, word] of searchWords(args.search).entries()) {
      const like = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
      query.andWhere(`(project.name ILIKE :word${index} OR project.slug ILIKE :word${index})`, {
        [`word${index}`]: like,
      });
    }
    return readPage(query, args, 'createdAt', (project) => project.createdAt);
  }

  @Query(() => Project, {
    nullable: true,
    description: 'By slug; null where there is none that the caller may see.',
  })
  async project(@Ctx() context: Context, @Arg('slug', () => String) slug: string): Promise<Project | null> {
    context.signedIn();
    return context.access.projectBySlug(slug);
  }

  @Mutation(() => ProjectPayload, { description: 'Any signed-in person, who becomes its ADMIN.' })
  async createProject(
    @Ctx() context: Context,
    @Arg('input', () => CreateProjectInput) input: CreateProjectInput,
  ): Promise<ProjectPayload> {
    const { user } = context.signedIn();
    return answer(async () => {
      refuseBadNames(input);
      const project = await context.catalogue
        .transaction(async (manager) => {
          const made = await manager.save(
            manager.create(Project, { slug: input.slug, name: input.name.trim() }),
          );
          await manager.insert(Member, { projectId: made.id, userId: user.id, role: 'ADMIN' });
          return made;
        })
        .catch((error: unknown) => {
          if (isUniqueViolation(error)) throw new Refused(refusals.slugTaken(['input', 'slug'], input.slug));
          throw error;
        });
      return { project };
    });
  }

  @FieldResolver(() => RoleEnum, {
    nullable: true,
    description: 'The caller’s role here; null for support staff who are no member.',
  })
  async viewerRole(@Root() project: Project, @Ctx() context: Context): Promise<Role | null> {
    return (await context.access.standing(project.id)).role;
  }

  @FieldResolver(() => [ProjectActionEnum], {
    description: 'What the caller may do with it now: the web app offers exactly this.',
  })
  async can(@Root() project: Project, @Ctx() context: Context): Promise<ProjectAction[]> {
    const { user } = context.signedIn();
    const members = await context.loaders.members.load(project.id);
    return openProjectActions(members.map(factsOf), user.id, await context.access.standing(project.id));
  }

  @FieldResolver(() => [Environment], {
    description: 'Its environments by name, those that were deleted last.',
  })
  async environments(
    @Root() project: Project,
    @Ctx() context: Context,
    @Arg('stages', () => [StageEnum], { nullable: true }) stages?: Stage[] | null,
  ): Promise<Environment[]> {
    const environments = await context.loaders.environments.load(project.id);
    return stages ? environments.filter(({ stage }) => stages.includes(stage)) : environments;
  }

  @FieldResolver(() => Environment, {
    nullable: true,
    description: 'The environment of this slug that still stands.',
  })
  async environment(
    @Root() project: Project,
    @Ctx() context: Context,
    @Arg('slug', () => String) slug: string,
  ): Promise<Environment | null> {
    const environments = await context.loaders.environments.load(project.id);
    return environments.find((each) => each.slug === slug && each.deletedAt === null) ?? null;
  }

  @FieldResolver(() => [Member], { description: 'Who belongs to it.' })
  async members(@Root() project: Project, @Ctx() context: Context): Promise<Member[]> {
    const standing = await context.access.standing(project.id);
    if (!mayDo(standing, 'see')) return [];
    return context.loaders.members.load(project.id);
  }
}

function refuseBadNames(input: CreateProjectInput): void {
  const found = [...slugRefusals(input.slug), ...nameRefusals(input.name)];
  if (found.length > 0) throw new Refused(...found);
}
