import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { noteProblem, openBackupActions, refusals, type BackupAction } from '#schema/domain';
import { Backup, BackupActionEnum, BackupPart, Environment, Project } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import { connectionOf, type Page } from '../graph/connection.js';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import {
  CreateBackupInput,
  CreateBackupPayload,
  UpdateBackupInput,
  UpdateBackupPayload,
} from './backupInputs.js';
import { BackupsArgs, listBackups } from './backupList.js';
import { createBackup } from './createBackup.js';

export const { Connection: BackupConnection } = connectionOf(Backup, 'Backup');

/** Backups: making and annotating them, and what a row shows. */
@Resolver(() => Backup)
export class BackupResolver {
  @Mutation(() => CreateBackupPayload, {
    description: 'Asks for a backup. It answers at once with the QUEUED backup; follow it by `jobChanged`.',
  })
  async createBackup(
    @Ctx() context: Context,
    @Arg('input', () => CreateBackupInput) input: CreateBackupInput,
  ): Promise<CreateBackupPayload> {
    context.signedIn();
    return answer(async () => ({ backup: await createBackup(context, input) }));
  }

  @Mutation(() => UpdateBackupPayload, { description: 'Changes a backup’s note.' })
  async updateBackup(
    @Ctx() context: Context,
    @Arg('input', () => UpdateBackupInput) input: UpdateBackupInput,
  ): Promise<UpdateBackupPayload> {
    context.signedIn();
    return answer(async () => {
      const backup = await context.access.backup(input.id);
      if (!backup) throw new Refused(refusals.notFound('Backup', ['input', 'id']));
      await refuseUnless(context, backup.projectId, 'editNote');
      const backups = context.catalogue.getRepository(Backup);
      if (input.note !== undefined) {
        const problem = noteProblem(input.note ?? '');
        if (problem) throw new Refused(refusals.invalid(['input', 'note'], problem));
        await backups.update(backup.id, { note: input.note ?? '' });
      }
      return { backup: await backups.findOneByOrFail({ id: backup.id }) };
    });
  }

  @FieldResolver(() => Environment, { description: 'What it is a picture of.' })
  async environment(@Root() backup: Backup, @Ctx() context: Context): Promise<Environment | null> {
    return context.loaders.environment.load(backup.environmentId);
  }

  @FieldResolver(() => [BackupPart], { description: 'What it holds; empty until it has succeeded.' })
  async parts(@Root() backup: Backup, @Ctx() context: Context): Promise<BackupPart[]> {
    return context.loaders.parts.load(backup.id);
  }

  @FieldResolver(() => [BackupActionEnum], {
    description: 'What the caller may do with it now: the web app offers exactly this.',
  })
  async can(@Root() backup: Backup, @Ctx() context: Context): Promise<BackupAction[]> {
    const environment = await context.loaders.environment.load(backup.environmentId);
    const standing = await context.access.standing(backup.projectId);
    return openBackupActions(
      {
        status: backup.status,
        retryable: backup.failure?.retryable ?? false,
        environmentDeleted: environment?.deletedAt != null,
      },
      standing,
    );
  }
}

/** A project’s backups. */
@Resolver(() => Project)
export class ProjectBackupsResolver {
  @FieldResolver(() => BackupConnection, { description: 'Its backups, newest first.' })
  async backups(
    @Root() project: Project,
    @Ctx() context: Context,
    @Args(() => BackupsArgs) args: BackupsArgs,
  ): Promise<Page<Backup>> {
    return listBackups(context, project.id, args);
  }
}
