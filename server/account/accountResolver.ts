import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { nameProblem, refusals } from '#schema/domain';
import { ApiToken, DateTime, User } from '#schema/entities';
import { isUuid } from '../access/isUuid.js';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import { createToken } from '../identity/apiTokens.js';
import { signOutEverywhere } from '../identity/signOutEverywhere.js';
import {
  CreateApiTokenPayload,
  RevokeApiTokenPayload,
  SignOutEverywherePayload,
  UpdateViewerPayload,
} from './accountPayloads.js';

/** Who is signed in, by what, and what others see of a person. */
@Resolver(() => User)
export class AccountResolver {
  @Query(() => User, { nullable: true, description: 'Who is signed in; null where nobody is.' })
  viewer(@Ctx() context: Context): User | null {
    return context.viewer?.user ?? null;
  }

  @FieldResolver(() => String)
  async email(@Root() user: User, @Ctx() context: Context): Promise<string> {
    return (await context.access.knows(user.id)) ? user.email : '';
  }

  @FieldResolver(() => [ApiToken], {
    description: 'Only of the viewer: empty for others. An expired token is listed for another 30 days.',
  })
  async apiTokens(@Root() user: User, @Ctx() context: Context): Promise<ApiToken[]> {
    if (user.id !== context.viewer?.user.id) return [];
    return context.catalogue
      .getRepository(ApiToken)
      .find({ where: { userId: user.id }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  @Mutation(() => UpdateViewerPayload, { description: 'Changes how the caller is called.' })
  async updateViewer(
    @Ctx() context: Context,
    @Arg('name', () => String, { description: 'Up to 100 characters.' }) name: string,
  ): Promise<UpdateViewerPayload> {
    const { user } = context.signedIn();
    return answer(async () => {
      const problem = nameProblem(name);
      if (problem) throw new Refused(refusals.invalid(['name'], problem));
      const users = context.catalogue.getRepository(User);
      await users.update(user.id, { name: name.trim() });
      return { viewer: await users.findOneByOrFail({ id: user.id }) };
    });
  }

  @Mutation(() => SignOutEverywherePayload, {
    description:
      'Ends all the caller’s sessions, this one included, and sign-in links that were not used yet. Tokens stay unless asked for.',
  })
  async signOutEverywhere(
    @Ctx() context: Context,
    @Arg('tokens', () => Boolean, { defaultValue: false, description: 'Whether to revoke all tokens, too.' })
    tokens: boolean,
  ): Promise<SignOutEverywherePayload> {
    const { user } = context.signedIn();
    return answer(async () => {
      const ended = await signOutEverywhere(context.catalogue, user.id, tokens);
      return { endedSessions: ended.sessions, revokedTokens: ended.tokens };
    });
  }

  @Mutation(() => CreateApiTokenPayload, { description: 'Makes a token that acts as its owner.' })
  async createApiToken(
    @Ctx() context: Context,
    @Arg('name', () => String) name: string,
    @Arg('expiresAt', () => DateTime, { nullable: true }) expiresAt?: Date | null,
  ): Promise<CreateApiTokenPayload> {
    const { user } = context.signedIn();
    return answer(async () => {
      const problem = nameProblem(name);
      if (problem) throw new Refused(refusals.invalid(['name'], problem));
      if (expiresAt && expiresAt <= new Date()) {
        throw new Refused(refusals.invalid(['expiresAt'], 'Choose a time that is still to come.'));
      }
      const { token, secret } = await createToken(context.catalogue, user.id, name, expiresAt ?? null);
      return { apiToken: token, secret };
    });
  }

  @Mutation(() => RevokeApiTokenPayload, { description: 'Ends one of the caller’s own tokens at once.' })
  async revokeApiToken(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
  ): Promise<RevokeApiTokenPayload> {
    const { user } = context.signedIn();
    return answer(async () => {
      const tokens = context.catalogue.getRepository(ApiToken);
      const token = isUuid(id) ? await tokens.findOneBy({ id, userId: user.id }) : null;
      if (!token) throw new Refused(refusals.notFound('API token', ['id']));
      await tokens.delete(token.id);
      return { revokedId: token.id };
    });
  }
}
