import type { EntityManager } from 'typeorm';
import {
  contents as everyContent,
  refusals,
  sourceInWords,
  type Content,
  type Refusal,
} from '#schema/domain';
import { Environment, Restore, type Backup } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { once } from '../jobs/once.js';
import { startOfJob } from '../jobs/startOfJob.js';
import { onePerDestination } from './onePerDestination.js';
import type { RestoreBackupInput } from './restoreInputs.js';
import { slugsOf } from './slugsOf.js';

/** What is wanted, in a fixed form: what an idempotency key stands for. */
interface Wish {
  sourceId: string;
  destinationId: string;
  contents: Content[];
  confirmation: string;
  safetyBackup: boolean;
}

/**
 * Takes a request for a restore: the row first, its workflow after. Where Temporal is away the request is kept (QUEUED)
 * and begins by itself.
 */
export async function restoreBackup(context: Context, input: RestoreBackupInput): Promise<Restore> {
  const source = await context.access.backup(input.sourceId);
  if (!source) throw new Refused(refusals.notFound('Backup', ['input', 'sourceId']));
  await refuseUnless(context, source.projectId, 'restoreFrom');
  const destination = await context.access.environment(input.destinationId);
  if (!destination) throw new Refused(refusals.notFound('Environment', ['input', 'destinationId']));
  await refuseUnless(context, destination.projectId, 'restoreOnto');
  const { user } = context.signedIn();
  const wish: Wish = {
    sourceId: source.id,
    destinationId: destination.id,
    contents: everyContent.filter((content) => input.contents.includes(content)),
    confirmation: input.confirmation,
    safetyBackup: input.safetyBackup ?? true,
  };
  const where = await slugsOf(context, source);
  const expected = await slugsOf(context, destination);
  const make = async (manager: EntityManager) => {
    // Held until the row is there, so that the environment cannot be deleted in between.
    const held = await manager.findOneOrFail(Environment, {
      where: { id: destination.id },
      lock: { mode: 'pessimistic_read' },
    });
    refuseImpossible(source, held, wish, expected);
    const { id } = await manager.save(
      manager.create(Restore, {
        projectId: held.projectId,
        environmentId: held.id,
        requestedById: user.id,
        contents: wish.contents,
        sourceBackupId: source.id,
        // What was noted in another project stays there.
        sourceDescription: sourceInWords(
          where,
          source.takenAt ?? source.createdAt,
          source.projectId === held.projectId ? source.note : '',
        ),
        wantsSafetyBackup: wish.safetyBackup,
        warnings: [],
      }),
    );
    return manager.findOneByOrFail(Restore, { id });
  };
  const again = (id: string) => context.catalogue.getRepository(Restore).findOneByOrFail({ id });
  const { result, fresh } = await onePerDestination(
    context.catalogue,
    destination.id,
    ['input', 'destinationId'],
    () => once(context.catalogue, user.id, 'restoreBackup', input.idempotencyKey, wish, { make, again }),
  );
  if (fresh) context.tools.launcher.startSoon(await startOfJob(context, result));
  return result;
}

function refuseImpossible(source: Backup, destination: Environment, wish: Wish, expected: string): void {
  const found: Refusal[] = [];
  const field = ['input', 'contents'];
  if (source.status !== 'SUCCEEDED') found.push(refusals.notRestorable(['input', 'sourceId']));
  if (destination.deletedAt) found.push(refusals.environmentDeleted(['input', 'destinationId']));
  if (wish.contents.length === 0)
    found.push(refusals.invalid(field, 'Choose the database, the media or both.'));
  for (const content of wish.contents) {
    const has = content === 'DATABASE' ? destination.hasDatabase : destination.hasMedia;
    if (!source.contents.includes(content)) found.push(refusals.notInBackup(field, content));
    if (!destination.deletedAt && !has) found.push(refusals.nothingToOverwrite(field, content));
  }
  if (wish.confirmation !== expected)
    found.push(refusals.confirmationRequired(['input', 'confirmation'], expected));
  if (found.length > 0) throw new Refused(...found);
}
