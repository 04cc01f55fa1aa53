import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../settings.js';

/** Tells requests of Holdfast’s own pages and of programs from those that a foreign page sends. */
export class OwnOrigins {
  private readonly own: Set<string>;

  constructor({ publicUrl, PORT }: Pick<ServerSettings, 'publicUrl' | 'PORT'>) {
    this.own = new Set([new URL(publicUrl).origin, `http://127.0.0.1:${PORT}`, `http://localhost:${PORT}`]);
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
