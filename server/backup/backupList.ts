import { Field, Int, ArgsType } from 'type-graphql';
import type { SelectQueryBuilder } from 'typeorm';
import { Backup, Environment } from '#schema/entities';
import { isUuid } from '../access/isUuid.js';
import { readPage, type Page, type PageArguments } from '../graph/connection.js';
import type { Context } from '../graph/context.js';
import { searchWords } from '../graph/searchWords.js';
import { BackupFilter } from './backupInputs.js';

@ArgsType()
export class BackupsArgs implements PageArguments {
  @Field(() => Int, { nullable: true, description: '1 to 100, from the newest; 20 when neither is given.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only older than this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: '1 to 100, from the oldest.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only newer than this cursor.' })
  before?: string | null;

  @Field(() => BackupFilter, { nullable: true, description: 'Only these.' })
  filter?: BackupFilter | null;
}

/** One page of a project’s backups, newest first. The caller has asked whether the viewer may see the project. */
export async function listBackups(
  context: Context,
  projectId: string,
  args: BackupsArgs,
): Promise<Page<Backup>> {
  const query = context.catalogue
    .getRepository(Backup)
    .createQueryBuilder('backup')
    .where('backup.projectId = :projectId', { projectId });
  if (args.filter) narrow(query, args.filter);
  return readPage(query, args, 'listedAt', (backup) => backup.listedAt);
}

function narrow(query: SelectQueryBuilder<Backup>, filter: BackupFilter): void {
  const { kinds, stages, environmentIds, statuses, contents, createdAfter, createdBefore, search } = filter;
  if (kinds) query.andWhere('backup.kind = ANY(:kinds)', { kinds });
  if (statuses) query.andWhere('backup.status = ANY(:statuses)', { statuses });
  if (contents) query.andWhere('backup.contents @> :contents', { contents });
  if (environmentIds) {
    query.andWhere('backup.environmentId = ANY(:environmentIds)', {
      environmentIds: environmentIds.filter(isUuid),
    });
  }
  if (stages) {
    query
      .innerJoin(Environment, 'environment', 'environment.id = backup.environment_id')
      .andWhere('environment.stage = ANY(:stages)', { stages });
  }
  if (createdAfter) query.andWhere('backup.createdAt > :createdAfter', { createdAfter });
  if (createdBefore) query.andWhere('backup.createdAt < :createdBefore', { createdBefore });
  const words = searchWords(search);
  if (words.length > 0) query.andWhere(...searchFor(words));
}

/** All words in the note, or a single one that begins the commit. */
function searchFor(words: string[]): [string, Record<string, string>] {
  const escaped = words.map((word) => word.replace(/[\\%_]/g, '\\$&'));
  const inNote = escaped.map((_, index) => `backup.note ILIKE :word${index}`).join(' AND ');
  const values = Object.fromEntries(escaped.map((word, index) => [`word${index}`, `%${word}%`]));
  if (words.length > 1) return [`(${inNote})`, values];
  return [
    `((${inNote}) OR backup.gitCommit LIKE :commit)`,
    { ...values, commit: `${escaped[0]?.toLowerCase()}%` },
  ];
}
