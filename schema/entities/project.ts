import { Field, ObjectType } from 'type-graphql';
import { Column, CreateDateColumn, Entity, Index } from 'typeorm';
import { Node } from './node.js';

/** A hosted project: what has environments, members and backups. */
@ObjectType({
  implements: Node,
  description: 'A hosted project: what has environments, members and backups.',
})
@Entity('projects')
@Index(['createdAt', 'id'])
export class Project extends Node {
  @Field(() => String, { description: 'Unique, URL-safe.' })
  @Index({ unique: true })
  @Column('text')
  slug!: string;

  @Field(() => String, { description: 'How people call it.' })
  @Column('text')
  name!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
