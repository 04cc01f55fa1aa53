/** A reason not to start that a person can remove: its message is one line that says what is wrong and what to do. */
export class Refusal extends Error {
  override name = 'Refusal';
}

/** Anything thrown, as one line for people. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split('\n', 1)[0] ?? text;
}
