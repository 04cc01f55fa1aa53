import type { Cache } from '@urql/exchange-graphcache';
import { changeList } from '../graph/lists.js';
import { update } from '../graph/updates.js';

interface CreateApiTokenResult {
  createApiToken: { apiToken: { id: string } | null };
}

interface RevokeApiTokenResult {
  revokeApiToken: { revokedId: string | null };
}

function changeTokens(cache: Cache, change: (tokens: string[]) => string[]): void {
  const viewer = cache.resolve('Query', 'viewer');
  if (typeof viewer === 'string') changeList(cache, viewer, 'apiTokens', change);
}

const createApiToken = update<CreateApiTokenResult>((result, _args, cache) => {
  const { apiToken } = result.createApiToken;
  if (apiToken) changeTokens(cache, (tokens) => [`ApiToken:${apiToken.id}`, ...tokens]);
});

const revokeApiToken = update<RevokeApiTokenResult>((result, _args, cache) => {
  const { revokedId } = result.revokeApiToken;
  if (revokedId) changeTokens(cache, (tokens) => tokens.filter((each) => each !== `ApiToken:${revokedId}`));
});

/** The list that a new or revoked token changes. */
export const accountUpdates = { Mutation: { createApiToken, revokeApiToken } };
