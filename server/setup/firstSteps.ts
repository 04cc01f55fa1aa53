import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { catalogue as describeCatalogue, hashSecret } from '#schema/catalogue';
import { ApiToken, type User } from '#schema/entities';
import { createToken } from '../identity/apiTokens.js';
import { firstAdministrator, signInLink } from './firstAdministrator.js';

export interface FirstStepsOptions {
  databaseUrl: string;
  publicUrl: string;
  adminEmail: string;
  /** Where the token is kept (0600), so that scripts keep theirs across restarts. */
  tokenFile: string;
}

/**
 * Makes sure that there is a first administrator, who is support staff too, and answers with a fresh one-time
 * sign-in link and an API token of theirs. There is never a default password.
 */
export async function firstSteps(options: FirstStepsOptions): Promise<{ token: string; signIn: string }> {
  const catalogue = describeCatalogue({
    databaseUrl: options.databaseUrl,
    applicationName: 'holdfast first steps',
    poolSize: 2,
  });
  await catalogue.initialize();
  try {
    const administrator = await firstAdministrator(catalogue, options.adminEmail.toLowerCase());
    const token = await keptToken(catalogue, administrator, options.tokenFile);
    return { token, signIn: await signInLink(catalogue, administrator, options.publicUrl) };
  } finally {
    await catalogue.destroy();
  }
}

async function keptToken(catalogue: DataSource, owner: User, file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  const alive = kept && (await catalogue.getRepository(ApiToken).existsBy({ secretHash: hashSecret(kept) }));
  if (alive) return kept;
  const { secret } = await createToken(catalogue, owner.id, 'ready.json', null);
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
