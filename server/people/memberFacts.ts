import type { MemberFacts } from '#schema/domain';
import type { Member } from '#schema/entities';

/** What rules need to know of a member, whose person is loaded. */
export function factsOf({ userId, role, user }: Member): MemberFacts {
  return { userId, role, hasSignedIn: user.signedInAt !== null };
}
