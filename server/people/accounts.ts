import type { EntityManager } from 'typeorm';
import { nameFromEmail } from '#schema/domain';
import { ApiToken, Member, User } from '#schema/entities';

/**
 * The account of an address; one is made where there is none, with the same work done either way. It is held until the
 * transaction ends, so that nobody forgets it meanwhile.
 */
export async function accountOf(manager: EntityManager, email: string): Promise<User> {
  await manager
    .createQueryBuilder()
    .insert()
    .into(User)
    .values({ email, name: nameFromEmail(email) })
    .orUpdate(['email'], ['email'])
    .execute();
  return manager.findOneByOrFail(User, { email });
}

/** Forgets an account that came by an invitation which was taken back: nobody has signed in, nothing hangs on it. */
export async function forgetUnused(manager: EntityManager, userId: string): Promise<void> {
  const held = await manager.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  if (!held || held.signedInAt || held.isSupport) return;
  const inUse =
    (await manager.existsBy(Member, { userId })) || (await manager.existsBy(ApiToken, { userId }));
  if (!inUse) await manager.delete(User, userId);
}
