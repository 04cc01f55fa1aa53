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
import { Backup } from './backup.js';
import { Environment } from './environment.js';
import { bigintAsNumber } from './scalars.js';

/** A tar in storage with files of one or more backups of an environment. */
@Entity('packs')
export class Pack {
  @PrimaryColumn('uuid')
  id!: string;

  @Index()
  @Column('uuid', { name: 'environment_id' })
  environmentId!: string;

  @ManyToOne(() => Environment, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'environment_id' })
  environment?: Relation<Environment>;

  /** The backup that is writing it; null once a sealed backup refers to it. */
  @Index()
  @Column('uuid', { name: 'writing_backup_id', nullable: true })
  writingBackupId!: string | null;

  /** Bytes of the tar; null while being written: with them it is whole, index and all. */
  @Column('bigint', { name: 'stored_size', nullable: true, transformer: bigintAsNumber })
  storedSize!: number | null;

  /** Bytes of the index; null until the pack is whole, and in packs of the first releases. */
  @Column('bigint', { name: 'index_size', nullable: true, transformer: bigintAsNumber })
  indexSize!: number | null;

  /**
   * Hex SHA-256 of the list of its files’ looks that lies beside it, by which a later attempt of the same backup goes
   * on from there; null where there is none, as in every pack of a sealed backup.
   */
  @Column('text', { name: 'list_sha256', nullable: true })
  listSha256!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

/** That a backup needs a pack: while such a row stands, the pack cannot be deleted. */
@Entity('backup_packs')
export class BackupPack {
  @PrimaryColumn('uuid', { name: 'backup_id' })
  backupId!: string;

  @ManyToOne(() => Backup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'backup_id' })
  backup?: Relation<Backup>;

  @Index()
  @PrimaryColumn('uuid', { name: 'pack_id' })
  packId!: string;

  @ManyToOne(() => Pack, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'pack_id' })
  pack?: Relation<Pack>;
}
