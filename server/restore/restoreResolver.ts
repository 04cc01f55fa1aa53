import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { openRestoreActions, type Content, type RestoreAction } from '#schema/domain';
import { Backup, ContentEnum, Environment, Project, Restore, RestoreActionEnum } from '#schema/entities';
import { connectionOf, readPage, type Page } from '../graph/connection.js';
import type { Context } from '../graph/context.js';
import { PageArgs } from '../graph/pageArgs.js';
import { answer } from '../graph/payload.js';
import { howToUndo } from './howToUndo.js';
import { planRestore } from './planRestore.js';
import { restoreBackup } from './restoreBackup.js';
import { RestoreBackupInput, RestoreBackupPayload, RestorePlan, RestoreSource } from './restoreInputs.js';
import { undoRestore } from './undoRestore.js';

const { Connection: RestoreConnection } = connectionOf(Restore, 'Restore');

/** Restores: planning, making and undoing them, and what a row shows. */
@Resolver(() => Restore)
export class RestoreResolver {
  @Query(() => RestorePlan, {
    nullable: true,
    description:
      'Nothing is touched. `contents` defaults to all that the backup holds. Null where the caller may not see the source or the destination.',
  })
  async restorePlan(
    @Ctx() context: Context,
    @Arg('sourceId', () => ID) sourceId: string,
    @Arg('destinationId', () => ID) destinationId: string,
    @Arg('contents', () => [ContentEnum], { nullable: true }) contents?: Content[] | null,
  ): Promise<RestorePlan | null> {
    context.signedIn();
    const source = await context.access.backup(sourceId);
    const destination = await context.access.environment(destinationId);
    return source && destination && planRestore(context, source, destination, contents ?? null);
  }

  @Mutation(() => RestoreBackupPayload, {
    description:
      'Overwrites an environment with what a backup holds. It answers at once with the QUEUED restore; follow it by `jobChanged`.',
  })
  async restoreBackup(
    @Ctx() context: Context,
    @Arg('input', () => RestoreBackupInput) input: RestoreBackupInput,
  ): Promise<RestoreBackupPayload> {
    context.signedIn();
    return answer(async () => ({ restore: await restoreBackup(context, input) }));
  }

  @Mutation(() => RestoreBackupPayload, {
    description: 'Puts the destination back to how the safety backup found it.',
  })
  async undoRestore(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<RestoreBackupPayload> {
    context.signedIn();
    return answer(async () => ({ restore: await undoRestore(context, id) }));
  }

  @FieldResolver(() => Environment, { description: 'The destination.' })
  async environment(@Root() restore: Restore, @Ctx() context: Context): Promise<Environment | null> {
    return context.loaders.environment.load(restore.environmentId);
  }

  @FieldResolver(() => RestoreSource, {
    nullable: true,
    description: 'Null once it is deleted, or where the caller may not see it.',
  })
  async source(@Root() restore: Restore, @Ctx() context: Context): Promise<Backup | null> {
    return shownBackup(context, restore.sourceBackupId);
  }

  @FieldResolver(() => Backup, {
    nullable: true,
    description:
      'What was at the destination before; null until it is taken, where the caller turned it off, and once deleted.',
  })
  async safetyBackup(@Root() restore: Restore, @Ctx() context: Context): Promise<Backup | null> {
    return shownBackup(context, restore.safetyBackupId);
  }

  @FieldResolver(() => Restore, { nullable: true, description: 'The restore that this one undoes.' })
  async undoes(@Root() restore: Restore, @Ctx() context: Context): Promise<Restore | null> {
    return restore.undoesId
      ? context.access.shown(await context.loaders.restore.load(restore.undoesId))
      : null;
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether `undoRestore` can still put the destination back: by the replaced data for the undo period, then by the safety backup.',
  })
  async canUndo(@Root() restore: Restore, @Ctx() context: Context): Promise<boolean> {
    return (await howToUndo(restore, context.loaders)) !== null;
  }

  @FieldResolver(() => [RestoreActionEnum], {
    description: 'What the caller may do with it now: the web app offers exactly this.',
  })
  async can(@Root() restore: Restore, @Ctx() context: Context): Promise<RestoreAction[]> {
    const environment = await context.loaders.environment.load(restore.environmentId);
    return openRestoreActions(
      {
        status: restore.status,
        phase: restore.progress.phase,
        retryable: restore.failure?.retryable ?? false,
        environmentDeleted: environment?.deletedAt != null,
        canUndo: (await howToUndo(restore, context.loaders)) !== null,
      },
      await context.access.standing(restore.projectId),
    );
  }
}

/** A project’s restores. */
@Resolver(() => Project)
export class ProjectRestoresResolver {
  @FieldResolver(() => RestoreConnection, {
    description: 'Restores onto its environments, newest first.',
  })
  async restores(
    @Root() project: Project,
    @Ctx() context: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Page<Restore>> {
    const query = context.catalogue
      .getRepository(Restore)
      .createQueryBuilder('restore')
      .where('restore.projectId = :projectId', { projectId: project.id });
    return readPage(query, args, 'createdAt', ({ createdAt }) => createdAt);
  }
}

/** What a backup has to do with restores. */
@Resolver(() => Backup)
export class BackupRestoreResolver {
  @FieldResolver(() => Restore, {
    nullable: true,
    description: 'The restore that this safety backup protects.',
  })
  async protectsRestore(@Root() backup: Backup, @Ctx() context: Context): Promise<Restore | null> {
    const id = backup.protectsRestoreId;
    return id ? context.access.shown(await context.loaders.restore.load(id)) : null;
  }
}

async function shownBackup(context: Context, id: string | null): Promise<Backup | null> {
  return id ? context.access.shown(await context.loaders.backup.load(id)) : null;
}
