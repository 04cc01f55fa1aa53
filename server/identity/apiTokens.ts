import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { ApiToken } from '#schema/entities';
import { newSecret } from './secrets.js';

/** Makes a token and answers with it and its secret, which is shown once: only its hash is kept. */
export async function createToken(
  catalogue: DataSource,
  userId: string,
  name: string,
  expiresAt: Date | null,
): Promise<{ token: ApiToken; secret: string }> {
  const secret = newSecret('hf_');
  const tokens = catalogue.getRepository(ApiToken);
  const token = await tokens.save(
    tokens.create({ userId, name: name.trim(), secretHash: hashSecret(secret), expiresAt, lastUsedAt: null }),
  );
  return { token, secret };
}
