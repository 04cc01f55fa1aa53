import type DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { Backup, Environment, User } from '#schema/entities';
import { loaderById } from '../graph/loaders.js';

/** Rows as they are now: everything that is asked for in one moment is read at once, and nothing is remembered. */
export interface Rows {
  backup: DataLoader<string, Backup | null>;
  environment: DataLoader<string, Environment | null>;
  user: DataLoader<string, User | null>;
}

/** Readers of rows for as long as the server runs. */
export function createRows(catalogue: DataSource): Rows {
  const anew = { cache: false };
  return {
    backup: loaderById(catalogue, Backup, anew),
    environment: loaderById(catalogue, Environment, anew),
    user: loaderById(catalogue, User, anew),
  };
}
