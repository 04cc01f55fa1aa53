import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Content } from '#schema/domain';
import { ContentEnum, DateTime, Download } from '#schema/entities';
import { Payload } from '../graph/payload.js';

@InputType()
export class PrepareDownloadInput {
  @Field(() => ID, { description: 'Which backup.' })
  sourceId!: string;

  @Field(() => [ContentEnum], { description: 'What of it; at least one.' })
  contents!: Content[];

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'Whether a mail with the links goes to the caller.',
  })
  email?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Per caller and mutation: a repeated key within 24 hours answers with the first call’s result, with other input it is a CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@ObjectType()
export class PrepareDownloadPayload extends Payload {
  @Field(() => Download, { nullable: true, description: 'The download; null where a rule said no.' })
  download?: Download;
}

/** One use of a download’s file. */
@ObjectType({ description: 'One use of a download’s file.' })
export class DownloadUse {
  @Field(() => DateTime, { description: 'When it was asked for.' })
  at!: Date;

  @Field(() => String, {
    description: 'The e-mail address that the person had then; `open link` where nobody had to sign in.',
  })
  who!: string;

  @Field(() => String, { description: 'Which file.' })
  fileName!: string;
}
