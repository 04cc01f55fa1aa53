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

function ownPath(next: string): string {
  if (!next.startsWith('/')) return '/';
  const url = new URL(next, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : '/';
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
