/**
 * How a request about the session ended. `refused`: the link was used, is too old or never was; `elsewhere`: Holdfast
 * was opened under an address that it does not know.
 */
export type SessionAnswer = 'done' | 'refused' | 'tooMany' | 'elsewhere' | 'failed';

async function ask(method: 'POST' | 'DELETE', path: string, body?: object): Promise<SessionAnswer> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (response.ok) return 'done';
    if (response.status === 429) return 'tooMany';
    if (response.status === 403) return 'elsewhere';
    return response.status >= 400 && response.status < 500 ? 'refused' : 'failed';
  } catch {
    // Only a broken network throws here, and the person is told so.
    return 'failed';
  }
}

/** Asks for a mail with a sign-in link, which leads to `next` of this site; the answer never tells whether the address has an account. */
export function askForLink(email: string, next: string | null): Promise<SessionAnswer> {
  return ask('POST', '/session/link', { email, next });
}

/** Trades the one-time token of a mailed link for a session. */
export function signIn(token: string): Promise<SessionAnswer> {
  return ask('POST', '/session', { token });
}

/** Ends the session. A full load follows, so that nothing of it stays in memory. */
export async function signOut(): Promise<SessionAnswer> {
  const answer = await ask('DELETE', '/session');
  if (answer === 'done' || answer === 'refused') leaveSignedOut();
  return answer;
}

/** Goes to the sign-in page once the session is over at the person’s own wish. */
export function leaveSignedOut(): void {
  location.assign('/sign-in');
}
