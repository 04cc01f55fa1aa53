import { Field, ObjectType } from 'type-graphql';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import type { Content } from '#schema/domain';
import { Backup } from './backup.js';
import { ContentEnum } from './enums.js';
import { Job } from './job.js';
import { Node } from './node.js';
import { DateTime } from './scalars.js';

/** Files of a backup, prepared so that people can have them. It belongs to the project, not to who asked for it. */
@ObjectType({
  implements: [Node, Job],
  description:
    'Files of a backup, prepared so that people can have them. It belongs to the project, not to who asked for it.',
})
@Entity('downloads')
@Index('downloads_of_project', ['projectId', 'createdAt', 'id'])
@Index('downloads_changed', ['updatedAt', 'id'])
@Index('downloads_changed_in_project', ['projectId', 'updatedAt', 'id'])
@Index('downloads_unended', ['status'], { where: `status IN ('QUEUED', 'RUNNING')` })
@Index('downloads_from', ['sourceBackupId'])
@Index('downloads_to_clear', ['expiresAt'], { where: 'expires_at IS NOT NULL AND cleared_at IS NULL' })
@Check('downloads_status', `status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')`)
@Check(
  'downloads_contents',
  `contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2`,
)
@Check('downloads_failure', `(status = 'FAILED') = (failure IS NOT NULL)`)
@Check('downloads_expiry', `(status = 'SUCCEEDED') = (expires_at IS NOT NULL)`)
export class Download extends Job {
  @Column('uuid', { name: 'source_backup_id', nullable: true })
  sourceBackupId!: string | null;

  @ManyToOne(() => Backup, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'source_backup_id', foreignKeyConstraintName: 'downloads_source' })
  sourceBackup?: Relation<Backup> | null;

  @Field(() => String, {
    description:
      'In words, e.g. `shop/live, 22 Nov 2026 03:00 UTC, Pre-launch roll-back state`; stays when the source is gone.',
  })
  @Column('text', { name: 'source_description' })
  sourceDescription!: string;

  @Field(() => [ContentEnum], { description: 'What of the backup it holds, in the order DATABASE, MEDIA.' })
  @Column('text', { array: true })
  contents!: Content[];

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when its files are there; null until it has succeeded.',
  })
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When somebody took it back before its time; null otherwise.',
  })
  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  /** When what was prepared for it, or left by runs that failed, was removed from storage; null while something may be there. */
  @Column('timestamptz', { name: 'cleared_at', nullable: true })
  clearedAt!: Date | null;
}
