import { Field, ObjectType } from 'type-graphql';
import type { Finding as FindingFacts } from '#schema/domain';

/** A remark with a stable code, for scripts, and a sentence, for people. */
@ObjectType({ description: 'A remark with a stable code, for scripts, and a sentence, for people.' })
export class Finding implements FindingFacts {
  @Field(() => String, { description: 'Stable code.' })
  code!: string;

  @Field(() => String, { description: 'One sentence.' })
  message!: string;
}
