import { Member } from '#schema/entities';
import type { Tools } from '../graph/context.js';
import { memberMail, type Membership } from './memberMail.js';

/** How long a caller waits for the mail server; after that the mail goes on its way alone. */
const patienceMs = 5_000;

/**
 * Mails somebody that they were added, and remembers when that was. A mail server that is down changes nothing of the
 * membership: `invitationMailedAt` then stays as it was. It takes as long whether or not they had an account.
 */
export async function mailMember(tools: Tools, membership: Membership): Promise<void> {
  let patience: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (patience = setTimeout(resolve, patienceMs)));
  await Promise.race([mailAndNote(tools, membership), late]);
  clearTimeout(patience);
}

async function mailAndNote({ catalogue, mailer, settings }: Tools, membership: Membership): Promise<void> {
  const { project, member } = membership;
  if (!(await mailer?.send(memberMail(membership, settings.publicUrl)))) return;
  // A note that cannot be kept is as if the mail had not been sent: it can be sent again.
  await catalogue
    .getRepository(Member)
    .update({ projectId: project.id, userId: member.id }, { invitationMailedAt: new Date() })
    .catch(() => undefined);
}
