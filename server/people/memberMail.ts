import type { Project, User } from '#schema/entities';
import type { Role } from '#schema/domain';
import type { Mail } from '../identity/mailer.js';

/** Who now belongs to which project, by whose hand. */
export interface Membership {
  inviter: User;
  project: Project;
  member: User;
  role: Role;
}

const inWords: Record<Role, string> = {
  VIEWER: 'a viewer: you see its projects’ backups and jobs',
  OPERATOR: 'an operator: you see its backups and jobs, and make and annotate backups',
  ADMIN: 'an administrator: you also change its environments and members',
};

/**
 * The mail to somebody who was added to a project: an invitation where they have never signed in. It carries no secret:
 * its address is the project’s plain one, which asks for a sign-in.
 */
export function memberMail({ inviter, project, member, role }: Membership, publicUrl: string): Mail {
  const isInvitation = member.signedInAt === null;
  const by = `${inviter.name} (${inviter.email})`;
  const where = `the project “${project.name}” on Holdfast`;
  const address = `${publicUrl}/projects/${project.slug}`;
  const said = isInvitation
    ? `${by} invites you to ${where}, as ${inWords[role]}.`
    : `you now belong to ${where}, as ${inWords[role]}. ${by} has added you.`;
  const how = isInvitation
    ? `Open the project and sign in with this address, ${member.email}: Holdfast mails you a link that works once. There is no password.`
    : 'Open the project:';
  const doubt = isInvitation
    ? 'If you do not know who this is, do nothing.'
    : 'If you do not want to belong to it, leave it on its page of members.';
  const hello = isInvitation ? 'Hello,' : `Hello ${member.name},`;
  return {
    to: member.email,
    subject: isInvitation
      ? `Invitation to “${project.name}” on Holdfast`
      : `You now belong to “${project.name}”`,
    text: [hello, said, how, address, doubt].join('\n\n').concat('\n'),
    html: [
      ...[hello, said, how].map(paragraph),
      `<p><a href="${inHtml(address)}">${inHtml(address)}</a></p>`,
      paragraph(doubt),
    ].join('\n'),
  };
}

function paragraph(text: string): string {
  return `<p>${inHtml(text)}</p>`;
}

function inHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
