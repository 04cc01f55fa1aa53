import { Field, ID, InterfaceType } from 'type-graphql';
import { PrimaryGeneratedColumn } from 'typeorm';

/** Everything with an id of its own. */
@InterfaceType({ description: 'Everything with an id of its own.' })
export abstract class Node {
  @Field(() => ID, { description: 'Opaque, global, never reused.' })
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}
