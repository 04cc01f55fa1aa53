import { In, type DataSource } from 'typeorm';
import { refusals } from '#schema/domain';
import { Restore } from '#schema/entities';
import { Refused } from '../graph/payload.js';
import { isUniqueViolation } from '../graph/uniqueViolation.js';

/**
 * Does what puts a restore of this environment under way, in a transaction of its own. Where another one is under way
 * the catalogue refuses the row: that becomes a CONFLICT which names the other.
 */
export async function onePerDestination<Result>(
  catalogue: DataSource,
  environmentId: string,
  field: string[],
  begin: () => Promise<Result>,
): Promise<Result> {
  try {
    return await begin();
  } catch (error: unknown) {
    if (!isUniqueViolation(error, 'restores_one_per_destination')) throw error;
    const restores = catalogue.getRepository(Restore);
    const other =
      (await restores.findOneBy({ environmentId, status: In(['QUEUED', 'RUNNING']) })) ??
      // It has ended since: it is the newest then.
      (await restores.findOneOrFail({ where: { environmentId }, order: { updatedAt: 'DESC' } }));
    throw new Refused(refusals.restoreUnderWay(field, other.id));
  }
}
