import type { CombinedError } from '@urql/core';

/** What to tell a person of a fault: what is wrong, and what to do. */
export interface Problem {
  title: string;
  remedy: string;
}

/** Puts a fault of the network or the server into words. Refusals are not faults: they come as `userErrors`. */
export function problemInWords(error: CombinedError): Problem {
  if (error.networkError && !error.response) {
    return { title: 'Holdfast cannot be reached', remedy: 'Check your connection, then try again.' };
  }
  const code = error.graphQLErrors[0]?.extensions.code;
  if (code === 'RATE_LIMITED') {
    return { title: 'That was a lot at once', remedy: 'Wait a minute, then try again.' };
  }
  return {
    title: 'Holdfast met a fault',
    remedy: 'Try again in a moment. If it stays, tell your administrator.',
  };
}
