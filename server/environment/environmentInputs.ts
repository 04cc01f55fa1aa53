import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Stage } from '#schema/domain';
import { Environment, Finding, StageEnum } from '#schema/entities';
import { Payload } from '../graph/payload.js';

@InputType({
  description:
    'A bucket of S3, or a part of it. Without keys it is asked as anybody, unless the operator of Holdfast lends the worker’s own credentials for it.',
})
export class S3SourceInput {
  @Field(() => String, { description: 'The bucket’s name: 3 to 63 of a–z, 0–9, `.`, `-` and `_`.' })
  bucket!: string;

  @Field(() => String, {
    nullable: true,
    defaultValue: '',
    description:
      'What the keys begin with: a `/` is added at its end where there is none. Empty: the whole bucket.',
  })
  prefix?: string | null;

  @Field(() => String, {
    nullable: true,
    description: '`https://host:port` of a provider other than AWS, without the bucket.',
  })
  endpoint?: string | null;

  @Field(() => String, { nullable: true, description: 'Where the bucket is; default: `us-east-1`.' })
  region?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'With the rights s3:ListBucket and s3:GetObject. Both keys or none; kept encrypted, never returned.',
  })
  accessKeyId?: string | null;

  @Field(() => String, { nullable: true, description: 'Kept encrypted, never returned.' })
  secretAccessKey?: string | null;
}

@InputType({
  description:
    'Where media files lie: exactly one of the two. It replaces what was there as a whole: keys that are left out are none.',
})
export class MediaSourceInput {
  @Field(() => String, { nullable: true, description: 'Absolute path of a folder that the worker can read.' })
  directory?: string | null;

  @Field(() => S3SourceInput, { nullable: true, description: 'A bucket.' })
  s3?: S3SourceInput | null;
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

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether a restore keeps the media folder itself and moves what is in it; false where it is not said.',
  })
  keepMediaFolder?: boolean | null;
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

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether a restore keeps the media folder itself and moves what is in it; null is false.',
  })
  keepMediaFolder?: boolean | null;
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
