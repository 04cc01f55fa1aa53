import DataLoader from 'dataloader';
import { In, type DataSource, type EntityManager } from 'typeorm';
import {
  Backup,
  BackupPart,
  Download,
  DownloadFile,
  DownloadMail,
  Environment,
  Member,
  Project,
  Restore,
  User,
} from '#schema/entities';
import type { DownloadUse } from '../download/downloadInputs.js';
import { loadUses } from '../download/loadUses.js';
import { loadOvertaken } from '../restore/overtaken.js';
import { backupsOfEnvironments, type BackupsOfEnvironments } from '../environment/backupsOfEnvironments.js';

/** One batched look-up per relation, for the length of one request or one event. */
export interface Loaders extends BackupsOfEnvironments {
  project: DataLoader<string, Project | null>;
  environment: DataLoader<string, Environment | null>;
  user: DataLoader<string, User | null>;
  backup: DataLoader<string, Backup | null>;
  restore: DataLoader<string, Restore | null>;
  download: DataLoader<string, Download | null>;
  /** The files of the download of this id, the database first. */
  filesOfDownload: DataLoader<string, DownloadFile[]>;
  /** The mails about it, to whomever. */
  mailsOfDownload: DataLoader<string, DownloadMail[]>;
  /** Its newest uses. */
  usesOfDownload: DataLoader<string, DownloadUse[]>;
  /** Whether a later restore of the same destination has switched since the restore of this id did. */
  overtaken: DataLoader<string, boolean>;
  parts: DataLoader<string, BackupPart[]>;
  /** A project’s environments by name, those that were deleted last. */
  environments: DataLoader<string, Environment[]>;
  members: DataLoader<string, Member[]>;
}

/** Fresh loaders: they remember what they have seen, so they must not outlive what they serve. A transaction may have its own. */
export function createLoaders(catalogue: DataSource | EntityManager): Loaders {
  return {
    ...backupsOfEnvironments(catalogue),
    project: loaderById(catalogue, Project),
    environment: loaderById(catalogue, Environment),
    user: loaderById(catalogue, User),
    backup: loaderById(catalogue, Backup),
    restore: loaderById(catalogue, Restore),
    download: loaderById(catalogue, Download),
    filesOfDownload: new DataLoader(async (ids) => {
      const files = await catalogue
        .getRepository(DownloadFile)
        .find({ where: { downloadId: In([...ids]) }, order: { content: 'ASC', name: 'ASC' } });
      return ids.map((id) => files.filter((file) => file.downloadId === id));
    }),
    mailsOfDownload: new DataLoader(async (ids) => {
      const mails = await catalogue.getRepository(DownloadMail).findBy({ downloadId: In([...ids]) });
      return ids.map((id) => mails.filter((mail) => mail.downloadId === id));
    }),
    usesOfDownload: new DataLoader((ids) => loadUses(catalogue, ids)),
    overtaken: new DataLoader((ids) => loadOvertaken(catalogue, ids)),
    environments: new DataLoader(async (projectIds) => {
      const environments = await catalogue
        .getRepository(Environment)
        .createQueryBuilder('environment')
        .where('environment.projectId = ANY(:projectIds)', { projectIds: [...projectIds] })
        .orderBy('environment.deletedAt', 'DESC', 'NULLS FIRST')
        .addOrderBy('environment.stage', 'ASC')
        .addOrderBy('environment.name', 'ASC')
        .getMany();
      return projectIds.map((id) => environments.filter((environment) => environment.projectId === id));
    }),
    members: new DataLoader(async (projectIds) => {
      const members = await catalogue.getRepository(Member).find({
        where: { projectId: In([...projectIds]) },
        relations: { user: true },
        order: { createdAt: 'ASC', userId: 'ASC' },
      });
      return projectIds.map((id) => members.filter((member) => member.projectId === id));
    }),
    parts: new DataLoader(async (ids) => {
      const parts = await catalogue
        .getRepository(BackupPart)
        .find({ where: { backupId: In([...ids]) }, order: { content: 'ASC' } });
      return ids.map((id) => parts.filter((part) => part.backupId === id));
    }),
  };
}

/** Rows by their id, null where there is none; without `cache` each is read anew whenever it is asked for. */
export function loaderById<Row extends { id: string }>(
  catalogue: DataSource | EntityManager,
  entity: new () => Row,
  options: { cache: boolean } = { cache: true },
): DataLoader<string, Row | null> {
  const load = async (ids: readonly string[]) => {
    const found = (await catalogue
      .getRepository<{ id: string }>(entity)
      .findBy({ id: In([...new Set(ids)]) })) as Row[];
    const rows = new Map(found.map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  };
  return new DataLoader(load, options);
}
