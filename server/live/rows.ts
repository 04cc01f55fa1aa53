import type DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { JobNoun } from '#schema/domain';
import { Backup, Download, Environment, Restore, User, type Job } from '#schema/entities';
import { loaderById } from '../graph/loaders.js';

/** Rows as they are now: everything that is asked for in one moment is read at once, and nothing is remembered. */
export interface Rows {
  /** Of each kind of job, as announcements call it. */
  jobs: Record<JobNoun, DataLoader<string, Job | null>>;
  environment: DataLoader<string, Environment | null>;
  user: DataLoader<string, User | null>;
}

/** Readers of rows for as long as the server runs. */
export function createRows(catalogue: DataSource): Rows {
  const anew = { cache: false };
  return {
    jobs: {
      Backup: loaderById(catalogue, Backup, anew),
      Restore: loaderById(catalogue, Restore, anew),
      Download: loaderById(catalogue, Download, anew),
    },
    environment: loaderById(catalogue, Environment, anew),
    user: loaderById(catalogue, User, anew),
  };
}
