import { randomUUID } from 'node:crypto';
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { In, IsNull, type FindOptionsWhere } from 'typeorm';
import {
  backupKinds as everyKind,
  contents as everyContent,
  refusals,
  toGitCommit,
  workflowId,
  workflowTypes,
  type BackupKind,
  type CheckEnvironmentOutcome,
  type Content,
  type Deed,
} from '#schema/domain';
import {
  Backup,
  BackupKindEnum,
  ContentEnum,
  DateTime,
  Environment,
  Project,
  SafeInt,
  type Job,
} from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import { keepWayToReplaced } from '../restore/keepWayToReplaced.js';
import { refuseInSwitch } from '../restore/refuseInSwitch.js';
import { nameRefusals, slugRefusals } from '../graph/nameRefusals.js';
import { isUniqueViolation } from '../graph/uniqueViolation.js';
import { everyKindOfJob } from '../jobs/kindOfJob.js';
import { ProjectPayload } from '../project/projectResolver.js';
import {
  databaseRefusals,
  mediaColumns,
  mediaRefusals,
  movesMedia,
  sealDatabaseUrl,
} from './environmentFacts.js';
import {
  CheckEnvironmentPayload,
  CreateEnvironmentInput,
  EnvironmentPayload,
  UpdateEnvironmentInput,
} from './environmentInputs.js';

const checkTimeoutMs = 30_000;
/** How far a deploy pipeline’s clock may be ahead of ours. */
const clockSkewMs = 5 * 60_000;

/** Environments: adding, changing, checking and deleting them, and what was deployed there. */
@Resolver(() => Environment)
export class EnvironmentResolver {
  @Mutation(() => EnvironmentPayload, { description: 'Adds an environment to a project.' })
  async createEnvironment(
    @Ctx() context: Context,
    @Arg('input', () => CreateEnvironmentInput) input: CreateEnvironmentInput,
  ): Promise<EnvironmentPayload> {
    context.signedIn();
    return answer(async () => {
      const project = await context.access.project(input.projectId);
      if (!project) throw new Refused(refusals.notFound('Project', ['input', 'projectId']));
      await refuseUnless(context, project.id, 'createEnvironment');
      const found = [
        ...slugRefusals(input.slug),
        ...nameRefusals(input.name),
        ...(await databaseRefusals(context.tools, input.databaseUrl)),
        ...(await mediaRefusals(context, project.id, input.media)),
      ];
      if (found.length > 0) throw new Refused(...found);
      const id = randomUUID();
      const environments = context.catalogue.getRepository(Environment);
      const row = environments.create({
        id,
        projectId: project.id,
        slug: input.slug,
        name: input.name.trim(),
        stage: input.stage,
        databaseUrlSealed: input.databaseUrl ? sealDatabaseUrl(context.tools, id, input.databaseUrl) : null,
        ...mediaColumns(context.tools, id, input.media),
        keepMediaFolder: input.keepMediaFolder ?? false,
      });
      await environments.insert(row).catch((error: unknown) => {
        if (isUniqueViolation(error)) throw new Refused(refusals.slugTaken(['input', 'slug'], input.slug));
        throw error;
      });
      return { environment: await environments.findOneByOrFail({ id }) };
    });
  }

  @Mutation(() => EnvironmentPayload, {
    description: 'Changes an environment: an omitted field stays, null clears it.',
  })
  async updateEnvironment(
    @Ctx() context: Context,
    @Arg('input', () => UpdateEnvironmentInput) input: UpdateEnvironmentInput,
  ): Promise<EnvironmentPayload> {
    context.signedIn();
    return answer(async () => {
      const environment = await standing(context, input.id, ['input', 'id'], 'updateEnvironment');
      const found = [
        ...(input.name === undefined ? [] : nameRefusals(input.name ?? '')),
        ...(await databaseRefusals(context.tools, input.databaseUrl)),
        ...(await mediaRefusals(context, environment.projectId, input.media)),
      ];
      if (found.length > 0) throw new Refused(...found);
      if (input.databaseUrl !== undefined || movesMedia(environment, input.media))
        await refuseInSwitch(context, environment.id);
      if (input.databaseUrl !== undefined)
        await keepWayToReplaced(context.catalogue.manager, context.tools, environment, { now: false });
      const changed: Partial<Environment> = {};
      if (input.name) changed.name = input.name.trim();
      if (input.databaseUrl !== undefined) {
        changed.databaseUrlSealed = input.databaseUrl
          ? sealDatabaseUrl(context.tools, environment.id, input.databaseUrl)
          : null;
      }
      if (input.media !== undefined) {
        Object.assign(changed, mediaColumns(context.tools, environment.id, input.media));
      }
      if (input.keepMediaFolder !== undefined) changed.keepMediaFolder = input.keepMediaFolder ?? false;
      return { environment: await save(context, environment.id, changed) };
    });
  }

  @Mutation(() => CheckEnvironmentPayload, {
    description: 'Looks whether database and media can be reached and read, without changing anything.',
  })
  async checkEnvironment(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
  ): Promise<CheckEnvironmentPayload> {
    context.signedIn();
    return answer(async () => {
      const environment = await standing(context, id, ['id'], 'checkEnvironment');
      const check = await context.tools.launcher.ask<CheckEnvironmentOutcome>(
        workflowTypes.checkEnvironment,
        workflowId.check(environment.id, randomUUID()),
        { environmentId: environment.id },
        checkTimeoutMs,
      );
      if (!check) throw new Refused(refusals.unavailable('The worker'));
      return { check };
    });
  }

  @Mutation(() => ProjectPayload, {
    description:
      'Its backups stay, listed under the project, until their retention ends. `confirmation`: `project-slug/environment-slug`.',
  })
  async deleteEnvironment(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
    @Arg('confirmation', () => String) confirmation: string,
  ): Promise<ProjectPayload> {
    context.signedIn();
    return answer(async () => {
      const environment = await standing(context, id, ['id'], 'deleteEnvironment');
      const project = await context.catalogue
        .getRepository(Project)
        .findOneByOrFail({ id: environment.projectId });
      const expected = `${project.slug}/${environment.slug}`;
      if (confirmation !== expected)
        throw new Refused(refusals.confirmationRequired(['confirmation'], expected));
      await context.catalogue.transaction(async (manager) => {
        // Whoever asks for a job holds the same row: either its job is seen here, or it sees the deletion.
        await manager.findOne(Environment, {
          where: { id: environment.id },
          lock: { mode: 'pessimistic_write' },
        });
        const underWay: FindOptionsWhere<Job> = {
          environmentId: environment.id,
          status: In(['QUEUED', 'RUNNING']),
        };
        for (const { entity, needsEnvironment } of everyKindOfJob) {
          if (needsEnvironment && (await manager.getRepository<Job>(entity).existsBy(underWay)))
            throw new Refused(refusals.jobsRunning(['id']));
        }
        const held = await manager.findOneByOrFail(Environment, { id: environment.id });
        // Nothing can be undone there any more.
        await keepWayToReplaced(manager, context.tools, held, { now: true });
        const forgotten = {
          deletedAt: new Date(),
          databaseUrlSealed: null,
          ...mediaColumns(context.tools, environment.id, null),
        };
        await manager.update(Environment, environment.id, forgotten);
      });
      return { project };
    });
  }

  @Mutation(() => EnvironmentPayload, {
    description:
      'For a deploy pipeline: the commit that is live from now on (OPERATOR). An older `deployedAt` never replaces a newer one. 40 or 64 hex digits, kept in lower case.',
  })
  async recordDeployment(
    @Ctx() context: Context,
    @Arg('environmentId', () => ID) environmentId: string,
    @Arg('gitCommit', () => String) gitCommit: string,
    @Arg('deployedAt', () => DateTime, { nullable: true }) deployedAt?: Date | null,
  ): Promise<EnvironmentPayload> {
    context.signedIn();
    return answer(async () => {
      const environment = await standing(context, environmentId, ['environmentId'], 'recordDeployment');
      const commit = toGitCommit(gitCommit);
      if (!commit) {
        throw new Refused(
          refusals.invalid(['gitCommit'], 'Give the whole commit: 40 or 64 hexadecimal digits.'),
        );
      }
      const now = new Date();
      // A time to come would hold off every later deployment.
      if (deployedAt && deployedAt.getTime() > now.getTime() + clockSkewMs) {
        throw new Refused(
          refusals.invalid(['deployedAt'], 'Give the time of the deployment: this one is still to come.'),
        );
      }
      const at = deployedAt ?? now;
      const environments = context.catalogue.getRepository(Environment);
      await environments
        .createQueryBuilder()
        .update()
        .set({ gitCommit: commit, deployedAt: at })
        .where('id = :id AND (deployed_at IS NULL OR deployed_at <= :at)', { id: environment.id, at })
        .execute();
      return { environment: await environments.findOneByOrFail({ id: environment.id }) };
    });
  }

  @FieldResolver(() => Project)
  async project(@Root() environment: Environment, @Ctx() context: Context): Promise<Project | null> {
    return context.loaders.project.load(environment.projectId);
  }

  @FieldResolver(() => Backup, {
    nullable: true,
    description:
      'The newest backup that holds all of `contents` and is SUCCEEDED, not failed in verification and not pending deletion; null where there is none.',
  })
  async latestBackup(
    @Root() environment: Environment,
    @Ctx() context: Context,
    @Arg('contents', () => [ContentEnum], { nullable: true }) contents?: Content[] | null,
    @Arg('kinds', () => [BackupKindEnum], { nullable: true, defaultValue: ['SCHEDULED', 'ON_DEMAND'] })
    kinds?: BackupKind[] | null,
  ): Promise<Backup | null> {
    return context.loaders.newestBackup.load({
      environmentId: environment.id,
      contents: contents ? everyContent.filter((each) => contents.includes(each)) : null,
      kinds: kinds ? everyKind.filter((each) => kinds.includes(each)) : null,
    });
  }

  @FieldResolver(() => SafeInt, {
    description: 'Bytes held in storage for this environment, shared bytes counted once.',
  })
  async storedSize(@Root() environment: Environment, @Ctx() context: Context): Promise<number> {
    return context.loaders.storedSize.load(environment.id);
  }
}

/** The environment where it stands and the viewer may do this to it. */
async function standing(context: Context, id: string, field: string[], deed: Deed): Promise<Environment> {
  const environment = await context.access.environment(id);
  if (!environment) throw new Refused(refusals.notFound('Environment', field));
  await refuseUnless(context, environment.projectId, deed);
  if (environment.deletedAt) throw new Refused(refusals.environmentDeleted(field));
  return environment;
}

/** Changes it unless it was deleted meanwhile: a deleted one must not get its secrets back. */
async function save(context: Context, id: string, changed: Partial<Environment>): Promise<Environment> {
  const environments = context.catalogue.getRepository(Environment);
  if (Object.keys(changed).length > 0) {
    const { affected } = await environments.update({ id, deletedAt: IsNull() }, changed);
    if (!affected) throw new Refused(refusals.environmentDeleted(['input', 'id']));
  }
  return environments.findOneByOrFail({ id });
}
