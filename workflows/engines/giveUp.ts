const graceMs = 10_000;

/**
 * The work's own outcome; but where it does not end within 10 s of the abort (a file system that hangs), rejects
 * with the signal's reason and leaves it behind.
 */
export async function orGiveUp<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let wait = (): void => undefined;
  const abandoned = new Promise<never>((_, reject) => {
    wait = () => {
      timer = setTimeout(() => reject(signal.reason as Error), graceMs);
    };
  });
  signal.addEventListener('abort', wait, { once: true });
  if (signal.aborted) wait();
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    signal.removeEventListener('abort', wait);
    clearTimeout(timer);
  }
}
