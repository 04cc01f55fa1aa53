import { readdir, readFile } from 'node:fs/promises';
import { simpleParser, type ParsedMail } from 'mailparser';
import type { DataSource } from 'typeorm';
import { expect } from 'vitest';
import type { Role } from '#schema/domain';
import { Api, type UserError } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { newPerson } from '../support/people.js';

/** Somebody with an account who has been here before. */
export interface Somebody {
  api: Api;
  id: string;
  email: string;
}

/** A member as the project’s list shows them. */
export interface MemberSeen {
  user: { id: string; name: string; email: string };
  role: Role;
  invitation: { invitedAt: string; mailedAt: string | null } | null;
}

interface Answer {
  project: { id: string } | null;
  userErrors: UserError[];
}

/** Makes somebody, who comes once. */
export async function someone(
  source: DataSource,
  ready: Ready,
  roles: Record<string, Role> = {},
): Promise<Somebody> {
  const { token, email } = await newPerson(source, { roles });
  const api = new Api(ready.graphql, token);
  const { id } = await api.ask<{ id: string }>('viewer', '{ viewer { id } }');
  return { api, id, email };
}

let addresses = 0;
/** An address that nobody has. */
export function newAddress(): string {
  addresses += 1;
  return `bob.${process.pid}.${addresses}@example.org`;
}

/** Sets a member, and answers with what was said. */
export function setMember(
  by: Somebody,
  projectId: string,
  email: string,
  role: Role | null,
): Promise<Answer> {
  return by.api.ask<Answer>(
    'setMember',
    `mutation($p: ID!, $e: String!, $r: Role) {
      setMember(projectId: $p, email: $e, role: $r) { project { id } userErrors { code field message } } }`,
    { p: projectId, e: email, r: role },
  );
}

/** Sets a member; nothing may be refused. */
export async function doSetMember(
  by: Somebody,
  projectId: string,
  email: string,
  role: Role | null,
): Promise<void> {
  expect((await setMember(by, projectId, email, role)).userErrors).toEqual([]);
}

/** The project’s members as this person sees them. */
export async function membersOf(by: Somebody, projectId: string): Promise<MemberSeen[]> {
  const { members } = await by.api.ask<{ members: MemberSeen[] }>(
    'node',
    `query($id: ID!) { node(id: $id) { ... on Project {
      members { user { id name email } role invitation { invitedAt mailedAt } } } } }`,
    { id: projectId },
  );
  return members;
}

/** The member of that address as this person sees them. */
export async function memberOf(
  by: Somebody,
  projectId: string,
  email: string,
): Promise<MemberSeen | undefined> {
  return (await membersOf(by, projectId)).find(({ user }) => user.email === email);
}

/** All mails to an address, the oldest first. */
export async function mailsTo(data: string, address: string): Promise<ParsedMail[]> {
  const files = (await readdir(`${data}/mail`)).filter((name) => name.endsWith('.eml')).sort();
  const mails = await Promise.all(
    files.map(async (file) => simpleParser(await readFile(`${data}/mail/${file}`))),
  );
  return mails.filter(({ to }) => [to].flat().some((each) => each?.text.includes(address)));
}
