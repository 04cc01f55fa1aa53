import type { CombinedError } from '@urql/core';

/** What to tell a person of a fault: what is wrong, what to do, and the code for those who help them. */
export interface Problem {
  title: string;
  remedy: string;
  code: string;
}

/** Puts a fault of the network or the server into words. Refusals are not faults: they come as `userErrors`. */
export function problemInWords(error: CombinedError): Problem {
  if (isOutOfReach(error)) {
    return navigator.onLine
      ? {
          title: 'Holdfast cannot be reached',
          remedy: 'It is asked again by itself. If it stays away, tell your administrator.',
          code: statusOf(error) ? `HTTP_${statusOf(error)}` : 'UNREACHABLE',
        }
      : { title: 'You are offline', remedy: 'Check your connection, then try again.', code: 'OFFLINE' };
  }
  const code = String(error.graphQLErrors[0]?.extensions.code ?? `HTTP_${statusOf(error) ?? 0}`);
  if (code === 'RATE_LIMITED') {
    return { title: 'That was a lot at once', remedy: 'Wait a minute, then try again.', code };
  }
  return {
    title: 'Holdfast met a fault',
    remedy: 'Try again in a moment. If it stays, tell your administrator and give the code.',
    code,
  };
}

/** Whether nobody answered, or only a gateway in front of Holdfast did. */
export function isOutOfReach(error: CombinedError): boolean {
  const status = statusOf(error);
  return Boolean(error.networkError) && (status === undefined || status === 502 || status >= 503);
}

function statusOf(error: CombinedError): number | undefined {
  return (error.response as Response | undefined)?.status;
}
