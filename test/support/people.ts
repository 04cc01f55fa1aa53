import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { catalogue, hashSecret } from '#schema/catalogue';
import type { Role } from '#schema/domain';
import { ApiToken, Member, User } from '#schema/entities';

/** The catalogue of a running Holdfast, opened for a test; the test destroys it. */
export async function openCatalogue(data: string): Promise<DataSource> {
  const password = (await readFile(path.join(data, 'secrets/catalogue-password'), 'utf8')).trim();
  const { postgres } = JSON.parse(await readFile(path.join(data, 'ports.json'), 'utf8')) as {
    postgres: number;
  };
  const databaseUrl = `postgres://holdfast:${encodeURIComponent(password)}@127.0.0.1:${postgres}/holdfast`;
  return catalogue({ databaseUrl, applicationName: 'holdfast test', poolSize: 2 }).initialize();
}

/** A new person with a token: a member of these projects, support staff if asked for. Answers with the token. */
export async function newPerson(
  source: DataSource,
  { roles = {}, isSupport = false }: { roles?: Record<string, Role>; isSupport?: boolean } = {},
): Promise<{ token: string; tokenId: string; email: string }> {
  const secret = `hf_${randomUUID()}`;
  const email = `${randomUUID()}@example.org`;
  const user = await source.getRepository(User).save({ name: 'Tester', email, isSupport });
  const token = await source.getRepository(ApiToken).save({
    userId: user.id,
    name: 'test',
    secretHash: hashSecret(secret),
    expiresAt: null,
    lastUsedAt: null,
  });
  for (const [projectId, role] of Object.entries(roles)) {
    await source.getRepository(Member).insert({ projectId, userId: user.id, role });
  }
  return { token: secret, tokenId: token.id, email };
}
