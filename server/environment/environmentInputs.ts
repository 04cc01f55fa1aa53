import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Stage } from '#schema/domain';
import { Environment, Finding, StageEnum } from '#schema/entities';
import { Payload } from '../graph/payload.js';

@InputType({ description: 'Where media files lie.' })
export class MediaSourceInput {
  @Field(() => String, { nullable: true, description: 'Absolute path of a folder that the worker can read.' })
  directory?: string | null;
}

@InputType()
export class CreateEnvironmentInput {
  @Field(() => ID, { description: 'The project that it belongs to.' })
  projectId!: string;

  @Field(() => String, { description: 'Unique within the project, URL-safe.' })
  slug!: string;

  @Field(() => String, { description: 'How people call it, up to 100 characters.' })
  name!: string;

  @Field(() => StageEnum, { description: 'Live or Test.' })
  stage!: Stage;

  @Field(() => String, {
    nullable: true,
    description: '`postgres://user:password@host:port/database`. Kept encrypted, never returned.',
  })
  databaseUrl?: string | null;

  @Field(() => MediaSourceInput, { nullable: true, description: 'Where its media files lie.' })
  media?: MediaSourceInput | null;
}

@InputType({ description: 'An omitted field stays as it is; null clears it.' })
export class UpdateEnvironmentInput {
  @Field(() => ID, { description: 'Which environment.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'How people call it, up to 100 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: '`postgres://user:password@host:port/database`.' })
  databaseUrl?: string | null;

  @Field(() => MediaSourceInput, { nullable: true, description: 'Where its media files lie.' })
  media?: MediaSourceInput | null;
}

@ObjectType()
export class EnvironmentPayload extends Payload {
  @Field(() => Environment, { nullable: true, description: 'The environment; null where a rule said no.' })
  environment?: Environment;
}

@ObjectType({
  description:
    'The result of looking without touching: whether the database and the media can be reached and read with what is configured.',
})
export class EnvironmentCheck {
  @Field(() => Boolean, { description: 'Whether all can be reached and read.' })
  ok!: boolean;

  @Field(() => [Finding], { description: 'What is at fault; codes are those of failures.' })
  findings!: Finding[];
}

@ObjectType()
export class CheckEnvironmentPayload extends Payload {
  @Field(() => EnvironmentCheck, {
    nullable: true,
    description: 'What was found; null where a rule said no.',
  })
  check?: EnvironmentCheck;
}
