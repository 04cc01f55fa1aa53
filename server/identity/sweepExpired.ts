import { LessThan, type DataSource } from 'typeorm';
import { idempotencyHours } from '#schema/domain';
import { IdempotencyKey, Session, SignInLink } from '#schema/entities';

/** Deletes sessions, sign-in links and idempotency keys whose time is over; what is alive is not touched. */
export async function sweepExpired(catalogue: DataSource): Promise<void> {
  const now = new Date();
  await catalogue.getRepository(Session).delete({ expiresAt: LessThan(now) });
  await catalogue.getRepository(SignInLink).delete({ expiresAt: LessThan(now) });
  const forgotten = new Date(now.getTime() - idempotencyHours * 3_600_000);
  await catalogue.getRepository(IdempotencyKey).delete({ createdAt: LessThan(forgotten) });
}
