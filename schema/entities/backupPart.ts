import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { Content, PartDocument } from '#schema/domain';
import { Backup } from './backup.js';
import { ContentEnum } from './enums.js';
import { bigintAsNumber, SafeInt } from './scalars.js';

/** One content of a sealed backup. */
@ObjectType({ description: 'One content of a sealed backup.' })
@Entity('backup_parts')
export class BackupPart {
  @PrimaryColumn('uuid', { name: 'backup_id' })
  backupId!: string;

  @ManyToOne(() => Backup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'backup_id' })
  backup?: Relation<Backup>;

  @Field(() => ContentEnum, { description: 'Which content.' })
  @PrimaryColumn('text')
  content!: Content;

  @Field(() => SafeInt, { description: 'Bytes of the part as downloaded.' })
  @Column('bigint', { transformer: bigintAsNumber })
  size!: number;

  @Field(() => String, {
    description: 'Hex SHA-256 of the part as downloaded (DATABASE), or of its manifest.jsonl (MEDIA).',
  })
  @Column('text')
  sha256!: string;

  @Field(() => SafeInt, { description: 'MEDIA: files in the archive. DATABASE: tables.' })
  @Column('bigint', { name: 'item_count', transformer: bigintAsNumber })
  itemCount!: number;

  @Field(() => String, { nullable: true, description: 'DATABASE: the server’s version, e.g. `15.18`.' })
  @Column('text', { name: 'server_version', nullable: true })
  serverVersion!: string | null;

  /** The part as `backup.json` describes it: keys, packs, rows per table. */
  @Column('jsonb')
  document!: PartDocument;
}
