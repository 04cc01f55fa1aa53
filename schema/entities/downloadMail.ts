import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import type { MailState } from '#schema/domain';
import { Download } from './download.js';
import { User } from './user.js';

/** The mail about a download to one person who asked for it: one per person and download. */
@Entity('download_mails')
@Index('download_mails_one_each', ['downloadId', 'userId'], { unique: true })
@Index('download_mails_pending', ['createdAt'], { where: `state = 'PENDING'` })
@Check('download_mails_state', `state IN ('PENDING', 'SENT', 'UNCERTAIN', 'FAILED')`)
export class DownloadMail {
  /** Also the end of the workflow’s id, `mail/<id>`, and part of the message’s own. */
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'download_mails_pkey' })
  id!: string;

  @Column('uuid', { name: 'download_id' })
  downloadId!: string;

  @ManyToOne(() => Download, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'download_id', foreignKeyConstraintName: 'download_mails_download' })
  download?: Relation<Download>;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'download_mails_user' })
  user?: Relation<User>;

  @Column('text', { default: 'PENDING' })
  state!: MailState;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** When its last byte was about to be handed over: from then on it may have arrived. */
  @Column('timestamptz', { name: 'handed_at', nullable: true })
  handedAt!: Date | null;

  /** When the mail server took it. */
  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  /** Why it waits, or why it was given up, in words without secrets. */
  @Column('text', { nullable: true })
  problem!: string | null;
}
