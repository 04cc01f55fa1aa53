import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { User } from './user.js';

/** What a caller’s repeated request is answered with. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId!: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id' })
  user?: Relation<User>;

  @PrimaryColumn('text')
  mutation!: string;

  @PrimaryColumn('text')
  key!: string;

  /** Hex SHA-256 of the rest of the input. */
  @Column('text', { name: 'input_hash' })
  inputHash!: string;

  /** The id of what the first call made. */
  @Column('uuid', { name: 'result_id' })
  resultId!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
