import { mapExchange, type Client, type Exchange, type Operation } from '@urql/core';

/** Pass as `context` to a query whose answer must be fetched anew after a gap in the live updates. */
export const live = { live: true } as const;

const watched = new Map<number, Operation>();

/** Knows which live queries are on the screen. */
export const watchedExchange: Exchange = mapExchange({
  onOperation(operation) {
    if (operation.kind === 'teardown') watched.delete(operation.key);
    else if (operation.kind === 'query' && operation.context.live) watched.set(operation.key, operation);
  },
});

/** Fetches what is shown once more, keeping it on the screen meanwhile. */
export function refetchWatched(client: Client): void {
  for (const operation of [...watched.values()]) {
    client.reexecuteOperation(
      client.createRequestOperation('query', operation, {
        ...operation.context,
        requestPolicy: 'network-only',
      }),
    );
  }
}
