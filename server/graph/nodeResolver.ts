import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { mostIds } from '#schema/domain';
import { Node } from '#schema/entities';
import type { Context } from './context.js';
import { badUserInput } from './faults.js';

/** Whatever has an id. */
@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'By id; null where there is none that the caller may see.',
  })
  async node(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<Node | null> {
    context.signedIn();
    return context.access.node(id);
  }

  @Query(() => [Node], { nullable: 'items', description: 'By ids, at most 100, in their order.' })
  async nodes(@Ctx() context: Context, @Arg('ids', () => [ID]) ids: string[]): Promise<Array<Node | null>> {
    context.signedIn();
    if (ids.length > mostIds) throw badUserInput(`Ask for at most ${mostIds} ids at once.`);
    return Promise.all(ids.map((id) => context.access.node(id)));
  }
}
