/**
 * Waits for a state, never for a time: asks again and again until the answer is truthy, and answers with it. Throws
 * with `what` where it does not come about in time.
 */
export async function until<Answer>(
  what: string,
  withinMs: number,
  ask: () => Promise<Answer>,
): Promise<NonNullable<Answer>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as NonNullable<Answer>;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain until: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
