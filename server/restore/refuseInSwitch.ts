import { refusals } from '#schema/domain';
import { Restore } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';

/** Refuses to change where an environment’s data lie while they are being switched: what was begun could not be ended. */
export async function refuseInSwitch(context: Context, environmentId: string): Promise<void> {
  const switching = await context.catalogue
    .getRepository(Restore)
    .createQueryBuilder('restore')
    .where('restore.environmentId = :environmentId', { environmentId })
    .andWhere(
      `((restore.status = 'RUNNING' AND restore.progress.phase = 'switch')
        OR (restore.status <> 'SUCCEEDED' AND restore.journal IS NOT NULL))`,
    )
    .getOne();
  if (switching) throw new Refused(refusals.restoreUnderWay(['input', 'id'], switching.id));
}
