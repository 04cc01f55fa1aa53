import { Field, ID, ObjectType } from 'type-graphql';
import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { DateTime } from './scalars.js';
import { User } from './user.js';

/** A secret by which a program acts as its owner. Only a hash of the secret is kept. */
@ObjectType({ description: 'A secret by which a program acts as its owner.' })
@Entity('api_tokens')
export class ApiToken {
  @Field(() => ID, { description: 'Opaque, never reused.' })
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Index()
  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id' })
  user?: Relation<User>;

  @Field(() => String, { description: 'What its owner calls it.' })
  @Column('text')
  name!: string;

  /** Hex SHA-256 of the secret. */
  @Index({ unique: true })
  @Column('text', { name: 'secret_hash' })
  secretHash!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it stops working; null: never.' })
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute.' })
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
