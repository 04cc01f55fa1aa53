/** How many requests are under way at once. */
export const requestsAtOnce = 16;

/** Does something for each, several at once. Throws the first error, once nothing is under way any more. */
export async function sideBySide<Item>(
  items: Iterable<Item>,
  signal: AbortSignal,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failed: unknown[] = [];
  const worker = async () => {
    try {
      for (let next = left.next(); !next.done && failed.length === 0; next = left.next()) {
        signal.throwIfAborted();
        await work(next.value);
      }
    } catch (error: unknown) {
      failed.push(error);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
  if (failed.length > 0) throw failed[0];
}
