import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Content } from '#schema/domain';
import { Backup, ContentEnum, Finding, Restore } from '#schema/entities';
import { Payload } from '../graph/payload.js';

/** What a restore puts back. */
export const RestoreSource = createUnionType({
  name: 'RestoreSource',
  description: 'What a restore puts back.',
  types: () => [Backup] as const,
});

@InputType()
export class RestoreBackupInput {
  @Field(() => ID, { description: 'Which backup.' })
  sourceId!: string;

  @Field(() => [ContentEnum], { description: 'What of it; at least one.' })
  contents!: Content[];

  @Field(() => ID, {
    description:
      'The environment to overwrite, in this or another project: the caller is ADMIN there, and at least OPERATOR where the source is.',
  })
  destinationId!: string;

  @Field(() => String, {
    description: 'Must equal `RestorePlan.confirmation`: the caller knows what is overwritten.',
  })
  confirmation!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'Whether a backup of the destination is made first; false where none can be made.',
  })
  safetyBackup?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Per caller and mutation: a repeated key within 24 hours answers with the first call’s result, with other input it is a CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@ObjectType()
export class RestoreBackupPayload extends Payload {
  @Field(() => Restore, { nullable: true, description: 'The restore; null where a rule said no.' })
  restore?: Restore;
}

@ObjectType({ description: 'What a restore would do, worked out without touching anything.' })
export class RestorePlan {
  @Field(() => [Finding], { description: 'What a careful person should know before.' })
  warnings!: Finding[];

  @Field(() => [Finding], {
    description: 'Reasons that the restore would be refused or fail; empty means it can go ahead.',
  })
  blockers!: Finding[];

  @Field(() => String, {
    description: 'What to type to confirm: `project-slug/environment-slug` of the destination.',
  })
  confirmation!: string;

  @Field(() => String, { nullable: true, description: 'The destination’s commit now.' })
  destinationGitCommit!: string | null;

  @Field(() => String, { nullable: true, description: 'The commit at the time of the backup.' })
  backupGitCommit!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'From how long restores took before; null where none has been made yet.',
  })
  estimatedSeconds!: number | null;
}
