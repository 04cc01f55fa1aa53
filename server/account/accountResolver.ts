import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { nameProblem, refusals } from '#schema/domain';
import { ApiToken, DateTime, User } from '#schema/entities';
import { isUuid } from '../access/isUuid.js';
import type { Context } from '../graph/context.js';
import { answer, Payload, Refused } from '../graph/payload.js';
import { createToken } from '../identity/apiTokens.js';

@ObjectType()
export class CreateApiTokenPayload extends Payload {
  @Field(() => ApiToken, { nullable: true, description: 'The token; null where a rule said no.' })
  apiToken?: ApiToken;

  @Field(() => String, { nullable: true, description: 'Shown once.' })
  secret?: string;
}

@ObjectType()
export class RevokeApiTokenPayload extends Payload {
  @Field(() => ID, { nullable: true, description: 'The id of the token that no longer works.' })
  revokedId?: string;
}

/** Who is signed in, and the tokens of that person. */
@Resolver(() => User)
export class AccountResolver {
  @Query(() => User, { nullable: true, description: 'Who is signed in; null where nobody is.' })
  viewer(@Ctx() context: Context): User | null {
    return context.viewer?.user ?? null;
  }

  @FieldResolver(() => [ApiToken], { description: 'Only of the viewer.' })
  async apiTokens(@Root() user: User, @Ctx() context: Context): Promise<ApiToken[]> {
    if (user.id !== context.viewer?.user.id) return [];
    return context.catalogue
      .getRepository(ApiToken)
      .find({ where: { userId: user.id }, order: { createdAt: 'DESC', id: 'DESC' } });
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
