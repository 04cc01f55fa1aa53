import { isAlive, type DownloadLife } from '#schema/domain';
import type { Download } from '#schema/entities';

/** The facts of a download’s row that decide whether its files may be had. */
export function lifeOf({ status, expiresAt, revokedAt }: Download): DownloadLife {
  return { status, expiresAtMs: expiresAt?.getTime() ?? null, revoked: revokedAt !== null };
}

/** Whether its files are there to be had now. */
export function isAliveNow(download: Download): boolean {
  return isAlive(lifeOf(download), Date.now());
}
