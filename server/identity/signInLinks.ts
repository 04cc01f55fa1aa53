import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { SignInLink } from '#schema/entities';
import { newSecret, type LinkKind } from './secrets.js';

/** Makes a link’s secret that signs this person in once, within the given minutes. */
export async function createSignInLink(
  catalogue: DataSource,
  userId: string,
  kind: LinkKind,
  minutes: number,
): Promise<string> {
  const secret = newSecret(kind);
  await catalogue.getRepository(SignInLink).insert({
    userId,
    secretHash: hashSecret(secret),
    expiresAt: new Date(Date.now() + minutes * 60_000),
  });
  return secret;
}

/** Uses a link of this kind up and answers with whose it was; null where it is another, unknown, used or expired. */
export async function useSignInLink(
  catalogue: DataSource,
  kind: LinkKind,
  secret: string,
): Promise<string | null> {
  if (!secret.startsWith(kind)) return null;
  const { raw } = await catalogue
    .createQueryBuilder()
    .update(SignInLink)
    .set({ usedAt: () => 'now()' })
    .where('secret_hash = :hash AND used_at IS NULL AND expires_at > now()', { hash: hashSecret(secret) })
    .returning('user_id')
    .execute();
  const rows = raw as Array<{ user_id: string }>;
  return rows[0]?.user_id ?? null;
}
