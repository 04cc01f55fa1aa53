import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { idempotencyHours, refusals } from '#schema/domain';
import { IdempotencyKey } from '#schema/entities';
import { Refused } from '../graph/payload.js';

/** How a request is carried out the first time, and how its result is found the next times. */
interface Deed<Result> {
  make: (manager: EntityManager) => Promise<Result>;
  again: (id: string) => Promise<Result>;
}

/**
 * Carries a request out once per key: the row and the key are one transaction, so that a repeated call, also at the
 * same moment, answers with the first one’s result. The same key with other input is refused.
 */
export async function once<Result extends { id: string }>(
  catalogue: DataSource,
  userId: string,
  mutation: string,
  key: string | null | undefined,
  input: object,
  deed: Deed<Result>,
): Promise<{ result: Result; fresh: boolean }> {
  if (key == null) return { result: await catalogue.transaction(deed.make), fresh: true };
  if (key.length === 0 || key.length > 200 || key.includes('\0')) {
    throw new Refused(refusals.invalid(['input', 'idempotencyKey'], 'Use a key of 1 to 200 characters.'));
  }
  const inputHash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  return catalogue.transaction(async (manager) => {
    // Two calls at once with one key wait for each other here; the lock goes with the transaction.
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `${userId} ${mutation} ${key}`,
    ]);
    const keys = manager.getRepository(IdempotencyKey);
    const known = await keys.findOneBy({ userId, mutation, key });
    if (known && Date.now() - known.createdAt.getTime() < idempotencyHours * 3_600_000) {
      if (known.inputHash !== inputHash) throw new Refused(refusals.keyReused(['input', 'idempotencyKey']));
      return { result: await deed.again(known.resultId), fresh: false };
    }
    const result = await deed.make(manager);
    await keys.upsert({ userId, mutation, key, inputHash, resultId: result.id, createdAt: new Date() }, [
      'userId',
      'mutation',
      'key',
    ]);
    return { result, fresh: true };
  });
}
