import { Field, ObjectType } from 'type-graphql';
import type { ErrorCode, Refusal } from '#schema/domain';
import { ErrorCodeEnum } from '#schema/entities';

/** A rule said no. */
@ObjectType({ description: 'A rule said no. `code` is stable; `field` is the path of the input at fault.' })
export class UserError implements Refusal {
  @Field(() => ErrorCodeEnum, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field(() => [String], {
    nullable: true,
    description: 'The path of the input at fault; null where it is none.',
  })
  field!: string[] | null;

  @Field(() => String, { description: 'What is at fault and the remedy, in one or two sentences.' })
  message!: string;
}

/** What every mutation that a rule can refuse answers with. */
@ObjectType()
export abstract class Payload {
  @Field(() => [UserError], { description: 'Why a rule said no; empty where it is done.' })
  userErrors!: UserError[];
}

/** Thrown inside a mutation to end it with refusals; `answer` turns it into the payload. */
export class Refused extends Error {
  readonly refusals: Refusal[];

  constructor(...refusals: Refusal[]) {
    super(refusals.map((refusal) => refusal.message).join(' '));
    this.refusals = refusals;
  }
}

/** Runs a mutation’s story: what it returns becomes the payload, a `Refused` becomes its userErrors. */
export async function answer<Facts extends object>(story: () => Promise<Facts>): Promise<Facts & Payload> {
  try {
    return { ...(await story()), userErrors: [] };
  } catch (error: unknown) {
    if (!(error instanceof Refused)) throw error;
    return { userErrors: error.refusals } as Facts & Payload;
  }
}
