import type { DataSource } from 'typeorm';
import { User } from '#schema/entities';
import { createSignInLink } from '../identity/signInLinks.js';

const linkMinutes = 24 * 60;

/** The first administrator, who is support staff too; made with this address where there is none yet. */
export async function firstAdministrator(catalogue: DataSource, email: string): Promise<User> {
  const users = catalogue.getRepository(User);
  const known = await users.findOne({ where: { isSupport: true }, order: { createdAt: 'ASC' } });
  return known ?? users.save(users.create({ name: 'Administrator', email, isSupport: true }));
}

/** A fresh link that signs this person in once, within 24 hours. There is never a default password. */
export async function signInLink(catalogue: DataSource, user: User, publicUrl: string): Promise<string> {
  return `${publicUrl}/sign-in/${await createSignInLink(catalogue, user.id, 'hfb_', linkMinutes)}`;
}
