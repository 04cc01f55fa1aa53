const longest = 1_000;

/**
 * A path of this site with its query, as somebody wants to be brought there after signing in; null where it is none, or
 * would lead elsewhere.
 */
export function ownPath(wanted: string, publicUrl: string): string | null {
  if (!wanted.startsWith('/') || wanted.length > longest || !URL.canParse(wanted, publicUrl)) return null;
  const { origin, pathname, search } = new URL(wanted, publicUrl);
  // `/.//example.org` is a path of ours that a browser would take for another site’s.
  if (origin !== new URL(publicUrl).origin || pathname.startsWith('//')) return null;
  return pathname + search;
}
