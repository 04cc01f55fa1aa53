import type { Request } from 'express';
import type { DataSource } from 'typeorm';
import type { FileLink } from '#schema/catalogue';
import { ApiToken, Session, User } from '#schema/entities';
import type { Tools } from '../../graph/context.js';
import type { OwnOrigins } from '../../http/origin.js';
import { sessionCookieName } from '../../identity/sessions.js';
import { credentialOf, identify, type Viewer } from '../../identity/viewer.js';

/** Which file is asked for, as the address says it. */
export interface Wanted {
  downloadId: string;
  name: string;
}

/** Who asks for a file: a person, whoever has an open link, or nobody that we know. */
export type Asker =
  | { viewer: Viewer; by: 'session' | 'token' | 'link' }
  | { viewer: null; by: 'link' }
  /** `badKey`: the address had a key that is worth nothing (any more). */
  | { viewer: null; by: null; badKey: boolean };

/** Who asks: by the address’s own key where that is worth something, else by the session or the token. */
export async function whoAsks(
  request: Request,
  wanted: Wanted,
  tools: Tools,
  origins: OwnOrigins,
): Promise<Asker> {
  const key = request.query['key'];
  const link = typeof key === 'string' ? readLink(key, wanted, tools) : null;
  if (link && !link.minted) return { viewer: null, by: 'link' };
  const minter = link?.minted ? await minterOf(tools.catalogue, link.minted) : null;
  if (minter) return { viewer: minter, by: 'link' };
  const cookie = sessionCookieName(tools.settings.publicUrl);
  // A link in a mail that is read in a browser is opened from a foreign page: with our cookie only as a navigation.
  const isOpened =
    ['GET', 'HEAD'].includes(request.method) && request.headers['sec-fetch-mode'] === 'navigate';
  const credential = credentialOf(request, cookie, isOpened || origins.mayUseCookie(request));
  const viewer = await identify(tools.catalogue, credential);
  if (viewer) return { viewer, by: viewer.by.kind };
  return { viewer: null, by: null, badKey: key !== undefined };
}

/** What a key stands for; null where it is none, another file’s, too old, or of a kind that is not wanted here. */
function readLink(key: string, wanted: Wanted, { fileLinks, settings }: Tools): FileLink | null {
  const link = fileLinks.read(key);
  if (!link || link.downloadId !== wanted.downloadId || link.name !== wanted.name) return null;
  if (Date.now() >= link.untilMs) return null;
  return link.minted || settings.HOLDFAST_OPEN_LINKS === 'on' ? link : null;
}

/** The person for whom it was minted, while the credential that they had then is worth something. */
async function minterOf(
  catalogue: DataSource,
  { userId, by, credentialId }: NonNullable<FileLink['minted']>,
): Promise<Viewer | null> {
  const alive = await catalogue
    .getRepository<ApiToken | Session>(by === 'token' ? ApiToken : Session)
    .createQueryBuilder('it')
    .innerJoinAndMapOne('it.user', User, 'owner', 'owner.id = it.user_id')
    .where('it.id = :credentialId AND it.user_id = :userId', { credentialId, userId })
    .andWhere('(it.expires_at IS NULL OR it.expires_at > now())')
    .getOne();
  return alive?.user ? { user: alive.user, by: { kind: by, id: alive.id } } : null;
}
