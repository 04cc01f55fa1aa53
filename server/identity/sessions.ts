import type { IncomingMessage } from 'node:http';
import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { Session } from '#schema/entities';
import { noteSignIn } from './noteSignIn.js';
import { newSecret } from './secrets.js';

/** A session ends after this many days without use. */
export const sessionDays = 30;
const dayMs = 86_400_000;

/** The cookie’s name; the `__Host-` prefix binds it to one host, which browsers grant over https only. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-holdfast' : 'holdfast_session';
}

/** Begins a session and answers with the cookie’s secret; only its hash is kept. */
export async function beginSession(catalogue: DataSource, userId: string): Promise<string> {
  await noteSignIn(catalogue, userId);
  const secret = newSecret('hfs_');
  const now = new Date();
  await catalogue.getRepository(Session).insert({
    userId,
    secretHash: hashSecret(secret),
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + sessionDays * dayMs),
  });
  return secret;
}

/** Ends the session of this secret; nothing happens where there is none. */
export async function endSession(catalogue: DataSource, secret: string): Promise<void> {
  await catalogue.getRepository(Session).delete({ secretHash: hashSecret(secret) });
}

/** The secret that a request’s cookie carries, if any. */
export function sessionSecret(request: IncomingMessage, cookieName: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === cookieName) return pair.slice(at + 1).trim();
  }
  return null;
}
