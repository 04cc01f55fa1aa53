import { mapExchange, type Client, type Exchange, type Operation } from '@urql/core';

const watched = new Map<number, Operation>();

/** Knows which queries are on the screen. */
export const watchedExchange: Exchange = mapExchange({
  onOperation(operation) {
    if (operation.kind === 'teardown') watched.delete(operation.key);
    else if (operation.kind === 'query') watched.set(operation.key, operation);
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
