import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import {
  contents as everyContent,
  mayDo,
  planFindings,
  workflowId,
  workflowTypes,
  type Content,
  type Finding,
  type RestoreSurvey,
  type SurveyRestoreOrder,
} from '#schema/domain';
import { Backup, Restore, type Environment } from '#schema/entities';
import { forbidden } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { estimateSeconds } from './estimate.js';
import type { RestorePlan } from './restoreInputs.js';
import { slugsOf } from './slugsOf.js';

const surveyTimeoutMs = 20_000;
const notSurveyed: Finding = {
  code: 'NOT_SURVEYED',
  message:
    'Could not look at the destination now: the restore itself checks it before anything is overwritten.',
};

/** Works out what a restore would do, without touching anything. The caller sees both source and destination. */
export async function planRestore(
  context: Context,
  source: Backup,
  destination: Environment,
  wished: Content[] | null,
): Promise<RestorePlan> {
  const contents = everyContent.filter((content) => (wished ?? source.contents).includes(content));
  const confirmation = await slugsOf(context, destination);
  const known = await knownFindings(context, source, destination, contents, confirmation);
  const forbids = await forbiddenFindings(context, source, destination);
  const survey = forbids.onto ? nothingFound : await lookAt(context, source, destination, contents);
  const measured = await estimateSeconds(context.catalogue, source.id, destination.id, contents);
  return {
    warnings: [...known.warnings, ...survey.warnings],
    blockers: [...forbids.blockers, ...known.blockers, ...survey.blockers],
    confirmation,
    destinationGitCommit: destination.gitCommit,
    backupGitCommit: source.gitCommit,
    estimatedSeconds: measured ?? survey.estimatedSeconds,
  };
}

const nothingFound: RestoreSurvey = { warnings: [], blockers: [], estimatedSeconds: null };

async function knownFindings(
  context: Context,
  source: Backup,
  destination: Environment,
  contents: Content[],
  where: string,
): Promise<Pick<RestoreSurvey, 'warnings' | 'blockers'>> {
  const origin = await context.loaders.environment.load(source.environmentId);
  const underWay = { environmentId: destination.id, status: In(['QUEUED', 'RUNNING']) };
  const restore = await context.catalogue.getRepository(Restore).findOneBy(underWay);
  const { hasDatabase, hasMedia, stage, projectId, gitCommit } = destination;
  return planFindings({
    contents,
    source: {
      where: await slugsOf(context, source),
      stage: origin?.stage ?? stage,
      projectId: source.projectId,
      gitCommit: source.gitCommit,
      ready: source.status === 'SUCCEEDED',
      contents: source.contents,
    },
    destination: {
      where,
      stage,
      projectId,
      gitCommit,
      deleted: destination.deletedAt !== null,
      hasDatabase,
      hasMedia,
    },
    restoreUnderWay: restore?.id ?? null,
    backupsUnderWay: await context.catalogue.getRepository(Backup).countBy(underWay),
  });
}

async function forbiddenFindings(
  context: Context,
  source: Backup,
  destination: Environment,
): Promise<{ blockers: Finding[]; onto: boolean }> {
  const from = !mayDo(await context.access.standing(source.projectId), 'restoreFrom');
  const onto = !mayDo(await context.access.standing(destination.projectId), 'restoreOnto');
  const refused = [from ? forbidden('restoreFrom') : null, onto ? forbidden('restoreOnto') : null];
  const blockers = refused.flatMap((refusal) =>
    refusal ? [{ code: refusal.code, message: refusal.message }] : [],
  );
  return { blockers, onto };
}

/** Has the worker look at the destination: at what can be restored there at all. */
async function lookAt(
  context: Context,
  source: Backup,
  destination: Environment,
  wished: Content[],
): Promise<RestoreSurvey> {
  const contents = wished.filter(
    (content) =>
      source.contents.includes(content) &&
      (content === 'DATABASE' ? destination.hasDatabase : destination.hasMedia),
  );
  if (source.status !== 'SUCCEEDED' || destination.deletedAt || contents.length === 0) return nothingFound;
  const order: SurveyRestoreOrder = { backupId: source.id, environmentId: destination.id, contents };
  const survey = await context.tools.launcher.ask<RestoreSurvey>(
    workflowTypes.surveyRestore,
    workflowId.survey(destination.id, randomUUID()),
    order,
    surveyTimeoutMs,
  );
  return survey ?? { ...nothingFound, warnings: [notSurveyed] };
}
