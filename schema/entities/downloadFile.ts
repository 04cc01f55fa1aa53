import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { Content } from '#schema/domain';
import { Download } from './download.js';
import { ContentEnum } from './enums.js';
import { bigintAsNumber, SafeInt } from './scalars.js';

/** One file of a download. */
@ObjectType({
  description:
    'One file of a download: `shop-live-20261122T220253Z.dump` (stock pg_restore reads it) or `….media.tar` (any tar reads it: `manifest.jsonl`, then the files under `media/`).',
})
@Entity('download_files')
export class DownloadFile {
  @PrimaryColumn('uuid', { name: 'download_id', primaryKeyConstraintName: 'download_files_pkey' })
  downloadId!: string;

  @ManyToOne(() => Download, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'download_id', foreignKeyConstraintName: 'download_files_download' })
  download?: Relation<Download>;

  @Field(() => String, { description: 'Under which name it is saved; unique within the download.' })
  @PrimaryColumn('text', { primaryKeyConstraintName: 'download_files_pkey' })
  name!: string;

  @Field(() => ContentEnum, { description: 'What it holds.' })
  @Column('text')
  content!: Content;

  @Field(() => SafeInt, { description: 'Bytes.' })
  @Column('bigint', { transformer: bigintAsNumber })
  size!: number;

  @Field(() => String, { description: 'Hex SHA-256.' })
  @Column('text')
  sha256!: string;

  /** Where it lies in storage: a backup’s own object, or one under the download’s own prefix. */
  @Column('text', { name: 'storage_key' })
  storageKey!: string;
}
