import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { SecretBox } from '#schema/catalogue';
import type { MediaBuckets, MediaRoots } from '#schema/config';
import type { SharedPace } from '../engines/pace.js';
import type { PostgresTools } from '../engines/postgres/tools.js';
import type { Storage } from '../engines/storage/storage.js';
import type { JobStarter } from './jobStarter.js';

/** What activities are made from. */
export interface WorkerTools {
  catalogue: DataSource;
  secretBox: SecretBox;
  storage: Storage;
  postgresTools: PostgresTools;
  /** Whether tools newer than the server may be used where its own are missing. */
  allowNewerTools: boolean;
  /** How long a dump waits for a locked table. */
  lockWaitMs: number;
  /** How fast sources are read, all together; null: as fast as can be. */
  sourcePace: SharedPace | null;
  /** How much child processes give way to others, 0 to 19. */
  nice: number;
  mediaRoots: MediaRoots;
  mediaBuckets: MediaBuckets;
  /** How long nothing may move before a step has stalled. */
  stallMs: number;
  /** After how long all media files are read again, whatever they look like. */
  mediaRereadMs: number;
  /** For how long after a change a file of a media folder is read again by each backup, whatever it looks like. */
  mediaSettleMs: number;
  /** How long what is away is waited for before a person is asked. */
  outagePatienceMs: number;
  /** How long what a restore replaced is kept for undo. */
  undoMs: number;
  /** For how long the files of a download stay. */
  downloadMs: number;
  /** A folder for what programs must read from a file: a dump that storage keeps elsewhere. */
  scratch: string;
  /** Where people reach Holdfast, for links in Temporal. */
  publicUrl: string;
  /** Starts and cancels jobs that belong to other jobs. */
  jobs: JobStarter;
  log: Logger;
}
