import type { IncomingMessage } from 'node:http';
import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { ApiToken, Session, User } from '#schema/entities';
import { noteSignIn } from './noteSignIn.js';
import { sessionDays, sessionSecret } from './sessions.js';

/** Who asks, and by what: revoking the credential ends every use of it. */
export interface Viewer {
  user: User;
  by: { kind: 'token' | 'session'; id: string };
}

/** A credential as presented; what it is worth is asked of the catalogue each time. */
export type Credential = { kind: 'token' | 'session'; secret: string };

/** What a request presents. A cookie counts only where no foreign page can have sent it. */
export function credentialOf(
  request: IncomingMessage,
  cookieName: string,
  ownOrigin: boolean,
): Credential | null {
  const bearer = bearerSecret(request.headers.authorization);
  if (bearer) return { kind: 'token', secret: bearer };
  const secret = ownOrigin ? sessionSecret(request, cookieName) : null;
  return secret ? { kind: 'session', secret } : null;
}

/** The secret behind `Bearer `, if any. */
export function bearerSecret(header: unknown): string | null {
  if (typeof header !== 'string') return null;
  return /^bearer\s+(\S+)\s*$/i.exec(header)?.[1] ?? null;
}

/** Who a credential stands for now; null where it is unknown, revoked or expired. */
export async function identify(catalogue: DataSource, credential: Credential | null): Promise<Viewer | null> {
  if (!credential) return null;
  const entity = credential.kind === 'token' ? ApiToken : Session;
  const alive = await catalogue
    .getRepository<ApiToken | Session>(entity)
    .createQueryBuilder('it')
    .innerJoinAndMapOne('it.user', User, 'owner', 'owner.id = it.user_id')
    .where('it.secret_hash = :hash AND (it.expires_at IS NULL OR it.expires_at > now())', {
      hash: hashSecret(credential.secret),
    })
    .getOne();
  if (!alive?.user) return null;
  await noteUse(catalogue, entity, alive);
  // Somebody whose first token came with the set-up has no session to begin with.
  if (!alive.user.signedInAt) await noteSignIn(catalogue, alive.user.id);
  return { user: alive.user, by: { kind: credential.kind, id: alive.id } };
}

/** Remembers the use to the minute, so that reading does not become writing. */
async function noteUse(
  catalogue: DataSource,
  entity: typeof ApiToken | typeof Session,
  used: ApiToken | Session,
): Promise<void> {
  if (used.lastUsedAt && Date.now() - used.lastUsedAt.getTime() < 60_000) return;
  const now = Date.now();
  // A session lives on while it is used; a token ends when its owner said.
  const expiresAt = entity === Session ? { expiresAt: new Date(now + sessionDays * 86_400_000) } : {};
  await catalogue
    .getRepository<ApiToken | Session>(entity)
    .update(used.id, { lastUsedAt: new Date(now), ...expiresAt });
}
