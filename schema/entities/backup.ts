import { Field, ObjectType } from 'type-graphql';
import { Check, Column, Entity, Index } from 'typeorm';
import type { BackupKind, Content } from '#schema/domain';
import { BackupKindEnum, ContentEnum } from './enums.js';
import { Finding } from './finding.js';
import { Job } from './job.js';
import { Node } from './node.js';
import { bigintAsNumber, DateTime, SafeInt } from './scalars.js';

/** A picture of an environment’s database, media or both. */
@ObjectType({
  implements: [Node, Job],
  description: 'A picture of an environment’s database, media or both.',
})
@Entity('backups')
@Index('backups_of_project', ['projectId', 'listedAt', 'id'])
@Index('backups_of_environment', ['environmentId', 'listedAt', 'id'])
@Index('backups_changed', ['updatedAt', 'id'])
@Index('backups_changed_in_project', ['projectId', 'updatedAt', 'id'])
@Index('backups_unended', ['status'], { where: `status IN ('QUEUED', 'RUNNING')` })
@Index('backups_protecting', ['protectsRestoreId', 'protectsRun'], {
  unique: true,
  where: 'protects_restore_id IS NOT NULL',
})
@Check('backups_status', `status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')`)
@Check('backups_kind', `kind IN ('SCHEDULED', 'ON_DEMAND', 'SAFETY')`)
@Check('backups_contents', `contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2`)
@Check('backups_failure', `(status = 'FAILED') = (failure IS NOT NULL)`)
@Check('backups_sealed', `status <> 'SUCCEEDED' OR (taken_at IS NOT NULL AND total_size IS NOT NULL)`)
export class Backup extends Job {
  @Field(() => BackupKindEnum, { description: 'Why it was made.' })
  @Column('text')
  kind!: BackupKind;

  @Field(() => [ContentEnum], { description: 'What it holds, or shall hold.' })
  @Column('text', { array: true })
  contents!: Content[];

  @Field(() => String, { description: 'What a person wrote about it, up to 500 characters.' })
  @Column('text', { default: '' })
  note!: string;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'What the backup is a picture of: the instant of the database snapshot, or where there is none the start of the media walk. This is the date that users see; null until known.',
  })
  @Column('timestamptz', { name: 'taken_at', nullable: true })
  takenAt!: Date | null;

  /** What lists are ordered by: takenAt, or createdAt until that is known. Set by a trigger. */
  @Column({ type: 'timestamptz', name: 'listed_at', precision: 3, default: () => 'now()' })
  listedAt!: Date;

  @Field(() => SafeInt, { nullable: true, description: 'Bytes of all parts as a user would download them.' })
  @Column('bigint', { name: 'total_size', nullable: true, transformer: bigintAsNumber })
  totalSize!: number | null;

  @Field(() => SafeInt, { nullable: true, description: 'Bytes that this backup added to storage.' })
  @Column('bigint', { name: 'stored_size', nullable: true, transformer: bigintAsNumber })
  storedSize!: number | null;

  @Field(() => String, { nullable: true, description: 'The project’s Git commit at the time of the backup.' })
  @Column('text', { name: 'git_commit', nullable: true })
  gitCommit!: string | null;

  /** The restore that this safety backup protects. */
  @Column('uuid', { name: 'protects_restore_id', nullable: true })
  protectsRestoreId!: string | null;

  /** Which run of that restore asked for it: asking again within the run finds it. */
  @Column('text', { name: 'protects_run', nullable: true })
  protectsRun!: string | null;

  @Field(() => [Finding], {
    description:
      'What a careful reader should know of a backup that succeeded, e.g. files that vanished while being read.',
  })
  @Column('jsonb', { default: [] })
  warnings!: Finding[];
}
