import { isIP } from 'node:net';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditEntry, type Download } from '#schema/entities';

/** Who did something to a download: null where an open link was used, which names nobody. */
export interface Doer {
  user: { id: string; email: string } | null;
  by: 'session' | 'token' | 'link';
  /** The address that the request came from, where it is known. */
  remoteAddress: string | null;
}

export type DownloadDeed =
  'prepareDownload' | 'joinDownload' | 'revokeDownload' | 'reissueDownload' | 'download';

/** Writes down who did what to a download. */
export async function audit(
  catalogue: DataSource | EntityManager,
  deed: DownloadDeed,
  { id, projectId }: Download,
  { user, by, remoteAddress }: Doer,
  details: Record<string, unknown>,
): Promise<void> {
  // An address of a link names the interface as well, which PostgreSQL does not take.
  const address = remoteAddress?.replace(/%.*$/, '') ?? '';
  await catalogue.getRepository(AuditEntry).insert({
    deed,
    noun: 'Download',
    subjectId: id,
    projectId,
    userId: user?.id ?? null,
    email: user?.email ?? null,
    by,
    remoteAddress: isIP(address) ? address : null,
    details: details as never,
  });
}
