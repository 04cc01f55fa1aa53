import type { Cache, UpdateResolver } from '@urql/exchange-graphcache';

/** An updater of the cache with the shape of the answer that the document asks for. */
export function update<Result, Args = Record<string, unknown>>(
  change: (result: Result, args: Args, cache: Cache) => void,
): UpdateResolver {
  // The cache knows no shapes: the documents do, and they are checked against the schema.
  return (result, args, cache) => change(result as unknown as Result, args as unknown as Args, cache);
}
