import { Client, fetchExchange, mapExchange, subscriptionExchange, type CombinedError } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { leaveForSignIn } from '../session/leave.js';
import { cacheOptions } from './cache.js';
import { freshnessExchange } from './freshness.js';
import { isOutOfReach } from './problems.js';
import { heard, missed, onReturn } from './reach.js';
import { socket } from './socket.js';
import { refetchWatched, watchedExchange } from './watched.js';

const reachExchange = mapExchange({
  onResult({ operation, error }) {
    if (error && isOutOfReach(error)) missed();
    else if (operation.kind !== 'teardown') heard();
  },
  onError(error) {
    if (isSignedOut(error)) leaveForSignIn({ ended: true });
  },
});

/** The one way to the server: a normalised cache over HTTP, and one WebSocket for what is live. */
export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  fetchOptions: { credentials: 'same-origin' },
  exchanges: [
    watchedExchange,
    cacheExchange(cacheOptions),
    reachExchange,
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

onReturn(() => refetchWatched(client));

/** Whether the server says that nobody is signed in. */
function isSignedOut(error: CombinedError): boolean {
  const status = (error.response as Response | undefined)?.status;
  return status === 401 || error.graphQLErrors.some((each) => each.extensions.code === 'UNAUTHENTICATED');
}
