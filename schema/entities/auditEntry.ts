import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** What is written down of deeds that somebody may have to answer for; never changed, and kept when its subjects go. */
@Entity('audit_log')
@Index('audit_log_of_subject', ['noun', 'subjectId', 'at'])
@Index('audit_log_of_project', ['projectId', 'at'])
export class AuditEntry {
  @PrimaryGeneratedColumn('increment', { type: 'bigint', primaryKeyConstraintName: 'audit_log_pkey' })
  id!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;

  /** E.g. `prepareDownload`, `revokeDownload`, `download`. */
  @Column('text')
  deed!: string;

  /** What it was done to, e.g. `Download`. */
  @Column('text')
  noun!: string;

  @Column('uuid', { name: 'subject_id' })
  subjectId!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  /** Who did it; null where an open link was used. No foreign key: the entry outlives the account. */
  @Column('uuid', { name: 'user_id', nullable: true })
  userId!: string | null;

  /** The e-mail address that the person had then. */
  @Column('text', { nullable: true })
  email!: string | null;

  /** By what they proved who they are: `session`, `token`, `link`. */
  @Column('text', { nullable: true })
  by!: string | null;

  /** The address that the request came from. */
  @Column('inet', { name: 'remote_address', nullable: true })
  remoteAddress!: string | null;

  /** E.g. which file, and which bytes of it. */
  @Column('jsonb', { default: {} })
  details!: Record<string, unknown>;
}
