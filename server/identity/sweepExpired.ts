import { LessThan, type DataSource } from 'typeorm';
import { idempotencyHours } from '#schema/domain';
import { ApiToken, IdempotencyKey, Session, SignInLink } from '#schema/entities';

const dayMs = 86_400_000;
/** An API token stays listed so long after it expired, so that its owner sees why a program is turned away. */
const expiredTokenDays = 30;

/** Deletes sessions, sign-in links, tokens and idempotency keys whose time is over; what is alive is not touched. */
export async function sweepExpired(catalogue: DataSource): Promise<void> {
  const now = new Date();
  await catalogue.getRepository(Session).delete({ expiresAt: LessThan(now) });
  await catalogue.getRepository(SignInLink).delete({ expiresAt: LessThan(now) });
  const listedUntil = new Date(now.getTime() - expiredTokenDays * dayMs);
  await catalogue.getRepository(ApiToken).delete({ expiresAt: LessThan(listedUntil) });
  const forgotten = new Date(now.getTime() - idempotencyHours * 3_600_000);
  await catalogue.getRepository(IdempotencyKey).delete({ createdAt: LessThan(forgotten) });
}
