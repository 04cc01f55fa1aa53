import { Field, ObjectType } from 'type-graphql';
import { Column, CreateDateColumn, Entity, Index } from 'typeorm';
import { Node } from './node.js';

/** A person with an account. */
@ObjectType({ implements: Node, description: 'A person with an account.' })
@Entity('users')
export class User extends Node {
  @Field(() => String, { description: 'How the person is called.' })
  @Column('text')
  name!: string;

  /** Kept in lower case: one address, one account. */
  @Field(() => String, {
    description:
      'The address that the person signs in with; empty for callers who share no project with them and are no support staff.',
  })
  @Index({ unique: true })
  @Column('text')
  email!: string;

  @Field(() => Boolean, {
    description: 'Support staff see every project’s jobs and where they stand in Temporal.',
  })
  @Column('boolean', { name: 'is_support', default: false })
  isSupport!: boolean;

  /** When the person first signed in; null while only invited. */
  @Column('timestamptz', { name: 'signed_in_at', nullable: true })
  signedInAt!: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
