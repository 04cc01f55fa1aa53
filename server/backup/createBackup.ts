import { contents as everyContent, noteProblem, refusals, type Content } from '#schema/domain';
import { Backup, Environment } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { once } from '../jobs/once.js';
import { startOfJob } from '../jobs/startOfJob.js';
import type { CreateBackupInput } from './backupInputs.js';

/**
 * Takes a request for a backup: the row first, its workflow after. Where Temporal is away the request is kept
 * (QUEUED) and begins by itself.
 */
export async function createBackup(context: Context, input: CreateBackupInput): Promise<Backup> {
  const environment = await context.access.environment(input.environmentId);
  if (!environment) throw new Refused(refusals.notFound('Environment', ['input', 'environmentId']));
  await refuseUnless(context, environment.projectId, 'createBackup');
  const contents = everyContent.filter((content) => input.contents.includes(content));
  const note = input.note ?? '';
  const { user } = context.signedIn();
  const wish = { environmentId: environment.id, contents, note };
  const { result, fresh } = await once(
    context.catalogue,
    user.id,
    'createBackup',
    input.idempotencyKey,
    wish,
    {
      make: async (manager) => {
        // Held until the row is there, so that the environment cannot be deleted in between.
        const held = await manager.findOneOrFail(Environment, {
          where: { id: environment.id },
          lock: { mode: 'pessimistic_read' },
        });
        refuseImpossible(held, contents, note);
        const { id } = await manager.save(
          manager.create(Backup, {
            ...wish,
            projectId: environment.projectId,
            kind: 'ON_DEMAND',
            requestedById: user.id,
            warnings: [],
          }),
        );
        return manager.findOneByOrFail(Backup, { id });
      },
      again: (id) => context.catalogue.getRepository(Backup).findOneByOrFail({ id }),
    },
  );
  if (fresh) context.tools.launcher.startSoon(await startOfJob(context, result));
  return result;
}

function refuseImpossible(environment: Environment, contents: Content[], note: string): void {
  const found = [];
  if (environment.deletedAt) found.push(refusals.environmentDeleted(['input', 'environmentId']));
  const field = ['input', 'contents'];
  if (contents.length === 0) found.push(refusals.invalid(field, 'Choose the database, the media or both.'));
  if (!environment.deletedAt && contents.includes('DATABASE') && !environment.hasDatabase) {
    found.push(refusals.nothingToBackUp(field, 'database'));
  }
  if (!environment.deletedAt && contents.includes('MEDIA') && !environment.hasMedia) {
    found.push(refusals.nothingToBackUp(field, 'media folder or bucket'));
  }
  const problem = noteProblem(note);
  if (problem) found.push(refusals.invalid(['input', 'note'], problem));
  if (found.length > 0) throw new Refused(...found);
}
