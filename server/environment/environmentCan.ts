import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { openEnvironmentActions, type EnvironmentAction } from '#schema/domain';
import { Environment, EnvironmentActionEnum } from '#schema/entities';
import type { Context } from '../graph/context.js';

/** What is open with an environment. */
@Resolver(() => Environment)
export class EnvironmentCanResolver {
  @FieldResolver(() => [EnvironmentActionEnum], {
    description: 'What the caller may do with it now: the web app offers exactly this.',
  })
  async can(@Root() environment: Environment, @Ctx() context: Context): Promise<EnvironmentAction[]> {
    const { hasDatabase, hasMedia } = environment;
    return openEnvironmentActions(
      { deleted: environment.deletedAt !== null, hasContent: hasDatabase || hasMedia },
      await context.access.standing(environment.projectId),
    );
  }
}
