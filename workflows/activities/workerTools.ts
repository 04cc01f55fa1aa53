import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { SecretBox } from '#schema/catalogue';
import type { MediaBuckets, MediaRoots } from '#schema/config';
import type { PostgresTools } from '../engines/postgres/tools.js';
import type { Storage } from '../engines/storage/storage.js';

/** What activities are made from. */
export interface WorkerTools {
  catalogue: DataSource;
  secretBox: SecretBox;
  storage: Storage;
  postgresTools: PostgresTools;
  mediaRoots: MediaRoots;
  mediaBuckets: MediaBuckets;
  /** How long nothing may move before a step has stalled. */
  stallMs: number;
  /** How long what is away is waited for before a person is asked. */
  outagePatienceMs: number;
  log: Logger;
}
