import { Field, ObjectType } from 'type-graphql';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import type { Content, Finding as FindingFacts, RestoreWay, SwitchJournal } from '#schema/domain';
import { Backup } from './backup.js';
import { ContentEnum } from './enums.js';
import { Finding } from './finding.js';
import { Job } from './job.js';
import { Node } from './node.js';
import { DateTime } from './scalars.js';

/** Putting a backup back into an environment, the destination. */
@ObjectType({
  implements: [Node, Job],
  description: 'Putting a backup back into an environment, the destination.',
})
@Entity('restores')
@Index('restores_of_project', ['projectId', 'createdAt', 'id'])
@Index('restores_changed', ['updatedAt', 'id'])
@Index('restores_changed_in_project', ['projectId', 'updatedAt', 'id'])
@Index('restores_one_per_destination', ['environmentId'], {
  unique: true,
  where: `status IN ('QUEUED', 'RUNNING')`,
})
@Index('restores_of_environment', ['environmentId', 'switchedAt'])
@Index('restores_replaced', ['undoUntil'], {
  where: `undo_until IS NOT NULL AND replaced_dropped_at IS NULL`,
})
@Index('restores_from', ['sourceBackupId'])
@Check('restores_status', `status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')`)
@Check(
  'restores_contents',
  `contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2`,
)
@Check('restores_failure', `(status = 'FAILED') = (failure IS NOT NULL)`)
@Check('restores_way', `way IN ('BACKUP', 'SWITCH_BACK')`)
export class Restore extends Job {
  @Column('uuid', { name: 'source_backup_id', nullable: true })
  sourceBackupId!: string | null;

  @ManyToOne(() => Backup, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'source_backup_id' })
  sourceBackup?: Relation<Backup> | null;

  @Field(() => String, {
    description:
      'In words, e.g. `shop/live, 22 Nov 2026 03:00 UTC, Pre-launch roll-back state`; stays when the source is gone.',
  })
  @Column('text', { name: 'source_description' })
  sourceDescription!: string;

  @Field(() => [ContentEnum], { description: 'What of the destination it overwrites.' })
  @Column('text', { array: true })
  contents!: Content[];

  /** How it goes about it. */
  @Column('text', { default: 'BACKUP' })
  way!: RestoreWay;

  /** Whether a safety backup is made first; people may turn that off. */
  @Column('boolean', { name: 'wants_safety_backup', default: true })
  wantsSafetyBackup!: boolean;

  /** The newest one that was made for it. */
  @Column('uuid', { name: 'safety_backup_id', nullable: true })
  safetyBackupId!: string | null;

  @ManyToOne(() => Backup, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'safety_backup_id' })
  safetyBackupRow?: Relation<Backup> | null;

  /** The restore that this one undoes. */
  @Column('uuid', { name: 'undoes_id', nullable: true })
  undoesId!: string | null;

  @ManyToOne(() => Restore, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'undoes_id' })
  undoesRow?: Relation<Restore> | null;

  /** What it switches, written down before it does; null until then, and again once all is as it was. */
  @Column('jsonb', { nullable: true })
  journal!: SwitchJournal | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the destination’s data were switched; null until then.',
  })
  @Column('timestamptz', { name: 'switched_at', nullable: true })
  switchedAt!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when what it replaced is kept for undo; null where nothing is kept.',
  })
  @Column('timestamptz', { name: 'undo_until', nullable: true })
  undoUntil!: Date | null;

  /** When what it replaced was dropped, or came back into use by an undo. */
  @Column('timestamptz', { name: 'replaced_dropped_at', nullable: true })
  replacedDroppedAt!: Date | null;

  /** When what a failed or cancelled run had staged was removed; null while something may be left. */
  @Column('timestamptz', { name: 'cleaned_at', nullable: true })
  cleanedAt!: Date | null;

  @Field(() => [Finding], {
    description:
      'What a careful reader should know of a restore that succeeded, e.g. roles that are missing.',
  })
  @Column('jsonb', { default: [] })
  warnings!: FindingFacts[];
}
