import { Field, ObjectType } from 'type-graphql';
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  type Relation,
} from 'typeorm';
import type { S3Place, Stage } from '#schema/domain';
import { StageEnum } from './enums.js';
import { Node } from './node.js';
import { Project } from './project.js';
import { DateTime } from './scalars.js';

/** A project’s server: a database and media files, Live or Test. */
@ObjectType({
  implements: Node,
  description: 'A project’s server: a database and media files, Live or Test.',
})
@Entity('environments')
@Index('environments_changed', ['updatedAt'])
@Check('environments_one_media', `media_directory IS NULL OR media_s3 IS NULL`)
@Index('environments_slug', ['projectId', 'slug'], { unique: true, where: 'deleted_at IS NULL' })
export class Environment extends Node {
  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Field(() => Project, { description: 'The project that it belongs to.' })
  @ManyToOne(() => Project, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'project_id' })
  project?: Relation<Project>;

  @Field(() => String, { description: 'Unique within the project, URL-safe.' })
  @Column('text')
  slug!: string;

  @Field(() => String, { description: 'How people call it.' })
  @Column('text')
  name!: string;

  @Field(() => StageEnum, { description: 'Live or Test.' })
  @Column('text')
  stage!: Stage;

  @Field(() => Boolean, { description: 'Whether it has a database.' })
  get hasDatabase(): boolean {
    return this.databaseUrlSealed !== null;
  }

  @Field(() => Boolean, { description: 'Whether it has media files.' })
  get hasMedia(): boolean {
    return this.mediaDirectory !== null || this.mediaS3 !== null;
  }

  /** The database’s address with its password, sealed by the secret box; null where there is no database. */
  @Column('text', { name: 'database_url_sealed', nullable: true })
  databaseUrlSealed!: string | null;

  /** Absolute path of the media folder; null where the media lie elsewhere or there are none. */
  @Column('text', { name: 'media_directory', nullable: true })
  mediaDirectory!: string | null;

  /** The bucket and prefix of media in S3; null where the media lie elsewhere or there are none. */
  @Column('jsonb', { name: 'media_s3', nullable: true })
  mediaS3!: S3Place | null;

  /** The keys to that bucket, sealed by the secret box; null where the worker’s own credentials serve. */
  @Column('text', { name: 'media_s3_keys_sealed', nullable: true })
  mediaS3KeysSealed!: string | null;

  @Field(() => Boolean, {
    description:
      'Whether a restore keeps the media folder itself and moves what is in it: for folders that containers have mounted, which would go on seeing the old one.',
  })
  @Column('boolean', { name: 'keep_media_folder', default: false })
  keepMediaFolder!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The Git commit deployed now (40 or 64 hex digits), as last recorded by `recordDeployment`.',
  })
  @Column('text', { name: 'git_commit', nullable: true })
  gitCommit!: string | null;

  @Column('timestamptz', { name: 'deployed_at', nullable: true })
  deployedAt!: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** Set by a trigger. */
  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Set once deleted: its backups stay until their retention ends.',
  })
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
