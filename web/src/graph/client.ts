import { Client, fetchExchange, mapExchange, subscriptionExchange, type CombinedError } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { leaveForSignIn } from '../session/leave.js';
import { cacheOptions } from './cache.js';
import { freshnessExchange } from './freshness.js';
import { socket } from './socket.js';
import { watchedExchange } from './watched.js';

const signedOutExchange = mapExchange({
  onError(error) {
    if (isSignedOut(error)) leaveForSignIn();
  },
});

/** The one way to the server: a normalised cache over HTTP, and one WebSocket for what is live. */
export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  fetchOptions: { credentials: 'same-origin' },
  exchanges: [
    watchedExchange,
    signedOutExchange,
    cacheExchange(cacheOptions),
    freshnessExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe(
            { query: request.query ?? '', variables: request.variables as Record<string, unknown> },
            {
              next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
              error: (problem) => sink.error(problem),
              complete: () => sink.complete(),
            },
          ),
        }),
      }),
    }),
  ],
});

/** Whether the server says that nobody is signed in. */
export function isSignedOut(error: CombinedError): boolean {
  const status = (error.response as Response | undefined)?.status;
  return status === 401 || error.graphQLErrors.some((each) => each.extensions.code === 'UNAUTHENTICATED');
}
