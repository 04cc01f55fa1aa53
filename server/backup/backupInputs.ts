import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { BackupKind, Content, JobStatus, Stage } from '#schema/domain';
import {
  Backup,
  BackupKindEnum,
  ContentEnum,
  DateTime,
  Job,
  JobStatusEnum,
  StageEnum,
} from '#schema/entities';
import { Payload } from '../graph/payload.js';

@InputType()
export class CreateBackupInput {
  @Field(() => ID, { description: 'Which environment.' })
  environmentId!: string;

  @Field(() => [ContentEnum], { description: 'What of it; at least one.' })
  contents!: Content[];

  @Field(() => String, { nullable: true, defaultValue: '', description: 'Up to 500 characters.' })
  note?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Per caller and mutation: a repeated key within 24 hours answers with the first call’s result, with other input it is a CONFLICT.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'An omitted field stays as it is.' })
export class UpdateBackupInput {
  @Field(() => ID, { description: 'Which backup.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Up to 500 characters; null clears it.' })
  note?: string | null;
}

@InputType({ description: 'Only backups for which all of this holds.' })
export class BackupFilter {
  @Field(() => [BackupKindEnum], { nullable: true, description: 'Of these kinds.' })
  kinds?: BackupKind[] | null;

  @Field(() => [StageEnum], { nullable: true, description: 'Of environments of these stages.' })
  stages?: Stage[] | null;

  @Field(() => [ID], { nullable: true, description: 'Of these environments.' })
  environmentIds?: string[] | null;

  @Field(() => [JobStatusEnum], { nullable: true, description: 'Standing like this.' })
  statuses?: JobStatus[] | null;

  @Field(() => [ContentEnum], { nullable: true, description: 'Only backups that hold all of these.' })
  contents?: Content[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for after this instant.' })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked for before this instant.' })
  createdBefore?: Date | null;

  @Field(() => String, { nullable: true, description: 'Words in the note or the start of a commit hash.' })
  search?: string | null;
}

@ObjectType()
export class CreateBackupPayload extends Payload {
  @Field(() => Backup, { nullable: true, description: 'The backup; null where a rule said no.' })
  backup?: Backup;
}

@ObjectType()
export class UpdateBackupPayload extends Payload {
  @Field(() => Backup, { nullable: true, description: 'The backup; null where a rule said no.' })
  backup?: Backup;
}

@ObjectType()
export class JobPayload extends Payload {
  @Field(() => Job, { nullable: true, description: 'The job; null where a rule said no.' })
  job?: Job;
}
