import { ArgsType, Field, Int } from 'type-graphql';
import type { PageArguments } from './connection.js';

/** Paging from the newest on. */
@ArgsType()
export class PageArgs implements PageArguments {
  @Field(() => Int, { nullable: true, description: '1 to 100, from the newest; 20 when neither is given.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only older than this cursor.' })
  after?: string | null;
}
