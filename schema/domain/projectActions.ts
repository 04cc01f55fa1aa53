import { mayDo, type Role, type Standing } from './roles.js';

/** What can be done with a project, in the order in which it is offered. */
export const projectActions = ['CREATE_ENVIRONMENT', 'SET_MEMBER', 'LEAVE'] as const;
export type ProjectAction = (typeof projectActions)[number];

/** A member as far as rules are concerned. */
export interface MemberFacts {
  userId: string;
  role: Role;
  /** Whether the person has ever signed in; one who was only invited may never come. */
  hasSignedIn: boolean;
}

/**
 * Whether a project would lose its last administrator if this person’s role became that one (null: taken out).
 * Administrators who never signed in do not count: with a mistyped address nobody could act.
 */
export function takesLastAdmin(members: MemberFacts[], userId: string, role: Role | null): boolean {
  const admins = members.filter((member) => member.role === 'ADMIN' && member.hasSignedIn);
  return role !== 'ADMIN' && admins.length === 1 && admins[0]?.userId === userId;
}

/** What this person may do with this project now: the web app offers exactly this, and mutations refuse the rest. */
export function openProjectActions(
  members: MemberFacts[],
  userId: string,
  standing: Standing,
): ProjectAction[] {
  const open: ProjectAction[] = [];
  if (mayDo(standing, 'createEnvironment')) open.push('CREATE_ENVIRONMENT');
  if (mayDo(standing, 'setMember')) open.push('SET_MEMBER');
  if (standing.role !== null && !takesLastAdmin(members, userId, null)) open.push('LEAVE');
  return open;
}
