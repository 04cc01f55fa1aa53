import { Field, ID, Int, ObjectType } from 'type-graphql';
import { ApiToken, User } from '#schema/entities';
import { Payload } from '../graph/payload.js';

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

@ObjectType()
export class UpdateViewerPayload extends Payload {
  @Field(() => User, { nullable: true, description: 'The caller; null where a rule said no.' })
  viewer?: User;
}

@ObjectType()
export class SignOutEverywherePayload extends Payload {
  @Field(() => Int, { description: 'How many browsers were signed in, this one included.' })
  endedSessions!: number;

  @Field(() => Int, { description: 'How many tokens no longer work; 0 unless asked for.' })
  revokedTokens!: number;
}
