import { describe, expect, it } from 'vitest';
import type { Project, User } from '#schema/entities';
import { memberMail } from '../../../server/people/memberMail.js';

const person = (name: string, email: string, signedInAt: Date | null = null) =>
  ({ name, email, signedInAt }) as User;
const project = { name: 'Shop & <Sons>', slug: 'shop' } as Project;
const inviter = person('Anna "A" <Admin>', 'anna@example.org', new Date());

describe('the mail to a new member', () => {
  const invitation = memberMail(
    { inviter, project, member: person('Bob', 'bob@example.org'), role: 'OPERATOR' },
    'https://backups.example.org',
  );

  it('says who invites to what, as what, and where', () => {
    expect(invitation.to).toBe('bob@example.org');
    for (const part of ['Anna', 'anna@example.org', 'Shop & <Sons>', 'operator', 'bob@example.org'])
      expect(invitation.text).toContain(part);
    expect(invitation.text).toContain('\nhttps://backups.example.org/projects/shop\n');
  });

  it('carries no secret', () => {
    expect(`${invitation.text}${invitation.html}`).not.toMatch(/token|hf[lbs]?_|#|\?/);
  });

  it('lets nobody’s name become HTML', () => {
    expect(invitation.html).toContain('Shop &amp; &lt;Sons&gt;');
    expect(invitation.html).toContain('Anna &quot;A&quot; &lt;Admin&gt;');
    expect(invitation.html?.replace(/<\/?(p|a)( href="[^"<>]*")?>/g, '')).not.toMatch(/[<>]/);
  });

  it('greets by name only those who have said how they are called', () => {
    expect(invitation.text).toMatch(/^Hello,\n/);
    const known = memberMail(
      { inviter, project, member: person('Bob', 'bob@example.org', new Date()), role: 'VIEWER' },
      'https://backups.example.org',
    );
    expect(known.text).toMatch(/^Hello Bob,\n\nyou now belong to/);
    expect(known.subject).toBe('You now belong to “Shop & <Sons>”');
  });
});
