import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Pack } from './pack.js';

/** That a content of an environment’s media is held by a pack, so that it need not be stored again. */
@Entity('pack_contents')
export class PackContent {
  @PrimaryColumn('uuid', { name: 'environment_id', primaryKeyConstraintName: 'pack_contents_pkey' })
  environmentId!: string;

  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'pack_contents_pkey' })
  sha256!: Buffer;

  @Index('pack_contents_of_pack')
  @Column('uuid', { name: 'pack_id' })
  packId!: string;

  @ManyToOne(() => Pack, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'pack_id', foreignKeyConstraintName: 'pack_contents_pack' })
  pack?: Relation<Pack>;
}
