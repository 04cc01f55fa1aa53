import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { mayDo, refusals, type Role } from '#schema/domain';
import { DateTime, Member, RoleEnum } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import { ProjectPayload } from '../project/projectResolver.js';
import { InvitationLimits } from './invitationLimits.js';
import { setMember } from './setMember.js';

@ObjectType({ description: 'How the invitation of somebody stands who has not signed in yet.' })
export class MemberInvitation {
  @Field(() => DateTime, { description: 'When they were added.' })
  invitedAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the invitation was last handed to the mail server; null where that has not worked: `setMember` with the same role mails it again.',
  })
  mailedAt!: Date | null;
}

/** Who belongs to a project. */
@Resolver(() => Member)
export class MemberResolver {
  private readonly limits = new InvitationLimits();

  @Mutation(() => ProjectPayload, {
    description:
      'Adds a member, changes a role, or with null takes the member out (ADMIN). A person without an account yet is invited by mail; the same role again mails the invitation again. Everybody may take themselves out, but for the last ADMIN; `project` is then null.',
  })
  async setMember(
    @Ctx() context: Context,
    @Arg('projectId', () => ID) projectId: string,
    @Arg('email', () => String) email: string,
    @Arg('role', () => RoleEnum, {
      nullable: true,
      description: 'Null takes the member out; it cannot be omitted.',
    })
    role?: Role | null,
  ): Promise<ProjectPayload> {
    context.signedIn();
    return answer(async () => {
      // Whoever forgets the role, or misspells its variable, did not mean to take somebody out.
      if (role === undefined)
        throw new Refused(refusals.invalid(['role'], 'Give a role, or null to take the member out.'));
      await setMember(context, { projectId, email, role }, this.limits);
      return { project: (await context.access.project(projectId)) ?? undefined };
    });
  }

  @FieldResolver(() => MemberInvitation, {
    nullable: true,
    description:
      'Of somebody who has not signed in yet; null once they have, and for callers who are no ADMIN here.',
  })
  async invitation(@Root() member: Member, @Ctx() context: Context): Promise<MemberInvitation | null> {
    const standing = await context.access.standing(member.projectId);
    if (member.user.signedInAt || !mayDo(standing, 'setMember')) return null;
    return { invitedAt: member.createdAt, mailedAt: member.invitationMailedAt };
  }
}
