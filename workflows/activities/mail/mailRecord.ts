import type { DataSource } from 'typeorm';
import { DownloadMail } from '#schema/entities';

/** Takes the mail up (again): what an earlier run gave up may be tried once more, because it has not arrived. */
export async function takeUp(catalogue: DataSource, mailId: string): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET state = 'PENDING', problem = NULL WHERE id = $1 AND state = 'FAILED' AND handed_at IS NULL`,
    [mailId],
  );
}

/** Says why the mail waits; nothing is announced where it is known already. */
export async function noteProblem(catalogue: DataSource, mailId: string, problem: string): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET problem = $2 WHERE id = $1 AND state = 'PENDING' AND problem IS DISTINCT FROM $2`,
    [mailId, problem],
  );
}

/**
 * Claims the one hand-over, as `mark`; false where somebody else has it, or where the download or the mail’s record has
 * ended meanwhile. From its commit on the mail counts as one that may have arrived.
 */
export async function markHanded(catalogue: DataSource, mailId: string, mark: string): Promise<boolean> {
  const [, count] = (await catalogue.query(
    `UPDATE download_mails SET handed_at = $2 WHERE id = $1 AND handed_at IS NULL AND state = 'PENDING'
       AND EXISTS (SELECT FROM downloads WHERE id = download_id AND status = 'SUCCEEDED' AND revoked_at IS NULL
                   AND expires_at > now())`,
    [mailId, mark],
  )) as [unknown, number];
  return count === 1;
}

/** Takes a hand-over back that has certainly come to nothing. */
export async function takeBack(catalogue: DataSource, mailId: string, mark: string): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET handed_at = NULL WHERE id = $1 AND handed_at = $2 AND sent_at IS NULL`,
    [mailId, mark],
  );
}

/** Records that the mail server took it. */
export async function recordSent(catalogue: DataSource, mailId: string, mark: string): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET state = 'SENT', sent_at = clock_timestamp(), problem = NULL
     WHERE id = $1 AND handed_at = $2 AND sent_at IS NULL`,
    [mailId, mark],
  );
}

/** Records that it was handed over and nobody knows more. */
export async function recordUncertain(catalogue: DataSource, mailId: string, problem: string): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET state = 'UNCERTAIN', problem = $2
     WHERE id = $1 AND state = 'PENDING' AND handed_at IS NOT NULL AND sent_at IS NULL`,
    [mailId, problem],
  );
}

/** Records that it was given up; `mark` is that of a hand-over that was refused, which with this has come to nothing. */
export async function recordFailed(
  catalogue: DataSource,
  mailId: string,
  problem: string,
  mark: string | null = null,
): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET state = 'FAILED', problem = $2, handed_at = NULL
     WHERE id = $1 AND state <> 'SENT' AND (handed_at IS NULL OR handed_at = $3)`,
    [mailId, problem, mark],
  );
}

/** The row, with the download and the person; null where it is gone. */
export async function readMail(catalogue: DataSource, mailId: string): Promise<DownloadMail | null> {
  return catalogue.getRepository(DownloadMail).findOne({
    where: { id: mailId },
    relations: { user: true, download: { project: true, environment: true, sourceBackup: true } },
  });
}
