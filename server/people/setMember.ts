import type { EntityManager } from 'typeorm';
import { emailProblem, maySee, refusals, takesLastAdmin, toEmail, type Role } from '#schema/domain';
import { Member, Project, type User } from '#schema/entities';
import { refuseStanding, refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';
import { accountOf, forgetUnused } from './accounts.js';
import type { InvitationLimits } from './invitationLimits.js';
import { factsOf } from './memberFacts.js';
import { mailMember } from './mailMember.js';

/** Who shall have which role where; null: none any more. */
export interface MemberWish {
  projectId: string;
  email: string;
  role: Role | null;
}

/**
 * Adds a member, changes a role or takes a member out. A person who was added is mailed after the commit; so is one who
 * never signed in whenever their role is set.
 */
export async function setMember(context: Context, wish: MemberWish, limits: InvitationLimits): Promise<void> {
  const { user } = context.signedIn();
  const project = await context.access.project(wish.projectId);
  if (!project) throw new Refused(refusals.notFound('Project', ['projectId']));
  const email = toEmail(wish.email);
  const leaves = email === user.email && wish.role === null;
  if (!leaves) await refuseUnless(context, project.id, 'setMember');
  const problem = emailProblem(wish.email);
  if (problem) throw new Refused(refusals.invalid(['email'], problem));

  const mailed = await context.catalogue.transaction(async (manager) => {
    const members = await holdMembers(manager, project.id);
    refuseByNow(members, user, leaves);
    const member = members.find((each) => each.user.email === email);
    if (member && takesLastAdmin(members.map(factsOf), member.userId, wish.role))
      throw new Refused(refusals.lastAdmin(['role']));
    if (wish.role === null) return takeOut(manager, member);
    if (member) return changeRole(manager, member, wish.role, limits);
    if (!limits.takePerson(user.id)) throw new Refused(refusals.tooManyInvitations(['email']));
    // Whoever was taken out and is added again gets no more mails than one who stayed.
    if (!limits.takeMail(project.id, email)) throw new Refused(refusals.mailedRecently(['email']));
    const added = await accountOf(manager, email);
    await manager.insert(Member, { projectId: project.id, userId: added.id, role: wish.role });
    return added;
  });
  if (mailed && wish.role)
    await mailMember(context.tools, { inviter: user, project, member: mailed, role: wish.role });
  context.access.forget(project.id);
  context.loaders.members.clear(project.id);
}

/** The members as they stay until the transaction ends: all changes of a project’s members wait for one another. */
async function holdMembers(manager: EntityManager, projectId: string): Promise<Member[]> {
  await manager.findOneOrFail(Project, { where: { id: projectId }, lock: { mode: 'for_no_key_update' } });
  return manager.find(Member, { where: { projectId }, relations: { user: true } });
}

/** The caller may have lost the right to this while waiting. */
function refuseByNow(members: Member[], user: User, leaves: boolean): void {
  const role = members.find(({ userId }) => userId === user.id)?.role ?? null;
  const standing = { role, isSupport: user.isSupport };
  if (!maySee(standing)) throw new Refused(refusals.notFound('Project', ['projectId']));
  if (!leaves) refuseStanding(standing, 'setMember');
}

async function takeOut(manager: EntityManager, member: Member | undefined): Promise<null> {
  if (!member) throw new Refused(refusals.notFound('Member', ['email']));
  const { projectId, userId } = member;
  await manager.delete(Member, { projectId, userId });
  await forgetUnused(manager, userId);
  return null;
}

/** Answers with who is to be mailed: somebody who was invited and has not come yet. */
async function changeRole(
  manager: EntityManager,
  { projectId, userId, user, role: was }: Member,
  role: Role,
  limits: InvitationLimits,
): Promise<User | null> {
  const changes = role !== was;
  if (changes) await manager.update(Member, { projectId, userId }, { role });
  if (user.signedInAt) return null;
  if (limits.takeMail(projectId, user.email)) return user;
  if (changes) return null;
  throw new Refused(refusals.mailedRecently(['email']));
}
