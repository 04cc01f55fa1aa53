import { Field, ObjectType } from 'type-graphql';
import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import type { Role } from '#schema/domain';
import { RoleEnum } from './enums.js';
import { Project } from './project.js';
import { User } from './user.js';

/** A person’s place in a project. */
@ObjectType({ description: 'A person’s place in a project.' })
@Entity('members')
export class Member {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => Project, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'project_id' })
  project?: Relation<Project>;

  @Index()
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId!: string;

  @Field(() => User, { description: 'Who.' })
  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id' })
  user!: Relation<User>;

  @Field(() => RoleEnum, { description: 'What they may do.' })
  @Column('text')
  role!: Role;

  /** When the invitation was handed to the mail server; null where none was sent. */
  @Column('timestamptz', { name: 'invitation_mailed_at', nullable: true })
  invitationMailedAt!: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
