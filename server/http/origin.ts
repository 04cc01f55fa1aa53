import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../settings.js';

/** Tells requests of Holdfast’s own pages and of programs from those that a foreign page sends. */
export class OwnOrigins {
  private readonly own: Set<string>;
  private readonly ownHosts: Set<string>;
  private readonly isBehindProxy: boolean;

  constructor({
    publicUrl,
    PORT,
    HOLDFAST_PROXIES,
  }: Pick<ServerSettings, 'publicUrl' | 'PORT' | 'HOLDFAST_PROXIES'>) {
    this.own = new Set([new URL(publicUrl).origin, `http://127.0.0.1:${PORT}`, `http://localhost:${PORT}`]);
    this.ownHosts = new Set([...this.own].map((origin) => new URL(origin).host));
    this.isBehindProxy = HOLDFAST_PROXIES > 0;
  }

  /**
   * Whether the browser has a page of another address open, e.g. that of an SSH tunnel: whatever it sends from there
   * counts as foreign. Behind a proxy the Host header is the proxy’s word, which tells nothing.
   */
  isElsewhere({ headers: { host } }: IncomingMessage): boolean {
    return !this.isBehindProxy && host !== undefined && !this.ownHosts.has(host.toLowerCase());
  }

  /** Whether the request names an origin that is not ours. A program names none. */
  isForeign(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return origin !== undefined && !this.own.has(origin);
  }

  /**
   * Whether a cookie may speak for the sender: not where a foreign page sent the request. Requests without an
   * Origin are same-site reads, which SameSite=Lax keeps foreign pages from making with our cookie.
   */
  mayUseCookie(request: IncomingMessage): boolean {
    const site = request.headers['sec-fetch-site'];
    return !this.isForeign(request) && site !== 'cross-site';
  }
}
