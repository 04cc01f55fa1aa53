const key = 'holdfast-next';

/**
 * Goes to the sign-in page; a full load, so that nothing of the session stays. Where one was is remembered for after
 * the sign-in, also when the mailed link opens another tab. `ended`: there was a session, and it is over.
 */
export function leaveForSignIn({ ended = false } = {}): void {
  if (location.pathname === '/sign-in') return;
  const here = location.pathname + location.search;
  rememberNext(here);
  const query = new URLSearchParams({ next: here, ...(ended ? { ended: '1' } : {}) });
  location.assign(`/sign-in?${query.toString()}`);
}

/** Where to go after signing in: a path of this site, never another one. */
export function takeNext(asked: unknown): string {
  const remembered = recallNext();
  if (typeof asked === 'string') return ownPath(asked);
  return ownPath(remembered ?? '/');
}

/**
 * Remembers where a person without a session wanted to go when the server sent them to sign in, e.g. by a link in a
 * mail: the sign-in link opens another tab, which knows nothing of it.
 */
export function keepNext(asked: unknown): void {
  if (typeof asked === 'string' && ownPath(asked) !== '/') rememberNext(ownPath(asked));
}

/** Whether a path is that of a file, which is saved and leaves the page where it is. */
export function isFile(path: string): boolean {
  return path.startsWith('/files/');
}

function ownPath(next: string): string {
  if (!next.startsWith('/')) return '/';
  const url = new URL(next, location.origin);
  // `/.//example.org` is a path of ours that a browser would take for another site’s.
  const isOurs = url.origin === location.origin && !url.pathname.startsWith('//');
  return isOurs ? url.pathname + url.search : '/';
}

const rememberedMs = 30 * 60_000;

function rememberNext(path: string): void {
  try {
    localStorage.setItem(key, JSON.stringify({ path, atMs: Date.now() }));
  } catch {
    // Storage is closed to us: the address of the sign-in page still knows, in this tab.
  }
}

function recallNext(): string | null {
  try {
    const { path, atMs } = JSON.parse(localStorage.getItem(key) ?? '{}') as { path?: string; atMs?: number };
    localStorage.removeItem(key);
    return path && atMs && Date.now() - atMs < rememberedMs ? path : null;
  } catch {
    // Storage is closed to us, or what lies there is not ours.
    return null;
  }
}
