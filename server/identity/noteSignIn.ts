import { IsNull, type DataSource } from 'typeorm';
import { User } from '#schema/entities';

/** Remembers that a person has come for the first time; later times change nothing. */
export async function noteSignIn(catalogue: DataSource, userId: string): Promise<void> {
  await catalogue
    .getRepository(User)
    .update({ id: userId, signedInAt: IsNull() }, { signedInAt: new Date() });
}
