import { randomUUID } from 'node:crypto';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient, type Client } from 'graphql-ws';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import type { Role } from '#schema/domain';
import { ApiToken, Member, User } from '#schema/entities';
import { createToken } from '../../server/identity/apiTokens.js';
import { beginSession, sessionCookieName } from '../../server/identity/sessions.js';
import type { Ready } from '../support/holdfast.js';

/** Everybody who asks: how they stand to the project, and by what they sign in. */
export const callers = {
  /** Nobody is signed in. */
  anonymous: { role: null, isSupport: false, by: 'nothing' },
  /** An operator of the project whose token was revoked. */
  revoked: { role: 'OPERATOR', isSupport: false, by: 'revoked token' },
  /** A member of another project. */
  stranger: { role: null, isSupport: false, by: 'session' },
  viewer: { role: 'VIEWER', isSupport: false, by: 'session' },
  operator: { role: 'OPERATOR', isSupport: false, by: 'session' },
  /** A program that an operator lets act for them. */
  token: { role: 'OPERATOR', isSupport: false, by: 'token' },
  admin: { role: 'ADMIN', isSupport: false, by: 'session' },
  /** Support staff who belong to no project. */
  support: { role: null, isSupport: true, by: 'session' },
} as const satisfies Record<string, { role: Role | null; isSupport: boolean; by: string }>;
export type Caller = keyof typeof callers;
export const everyCaller = Object.keys(callers) as Caller[];

/** Who presents no credential that is worth anything: a WebSocket is closed to them. */
export const isNobody = (caller: Caller) => caller === 'anonymous' || caller === 'revoked';

/** An answer over any transport; over a WebSocket that was refused, its close code. */
export interface Reply {
  data?: Record<string, unknown> | null;
  errors?: ReadonlyArray<{ message: string; extensions?: Record<string, unknown> }>;
  closed?: number;
}

/** Somebody who asks. */
export class Person {
  private open: Client | null = null;

  constructor(
    readonly id: string,
    readonly email: string,
    private readonly graphql: string,
    /** The headers of what they present. */
    readonly headers: Record<string, string>,
  ) {}

  /** Asks over HTTP. */
  async post(query: string, variables: object = {}): Promise<Reply> {
    const response = await fetch(this.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Reply;
  }

  /** Asks over graphql-ws; of a subscription, the first that comes. */
  async socket(query: string, variables: object = {}): Promise<Reply> {
    this.open ??= this.connect();
    return firstOf(this.open.iterate({ query, variables: { ...variables } }));
  }

  /** Asks over SSE; of a subscription, the first that comes. */
  async stream(query: string, variables: object = {}): Promise<Reply> {
    const { graphql, headers } = this;
    const client = createSseClient({ url: `${graphql}/stream`, headers, retryAttempts: 0 });
    try {
      return await firstOf(client.iterate({ query, variables: { ...variables } }));
    } finally {
      client.dispose();
    }
  }

  async leave(): Promise<void> {
    await this.open?.dispose();
  }

  private connect(): Client {
    const { authorization, ...headers } = this.headers;
    return createClient({
      url: this.graphql.replace(/^http/, 'ws'),
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers });
        }
      },
      connectionParams: authorization ? { authorization } : {},
      retryAttempts: 0,
      lazyCloseTimeout: 60_000,
    });
  }
}

async function firstOf(replies: AsyncIterable<unknown>): Promise<Reply> {
  try {
    for await (const reply of replies) return reply as Reply;
    return { data: null };
  } catch (error: unknown) {
    if (Array.isArray(error)) return { errors: error as NonNullable<Reply['errors']> };
    if (typeof error === 'object' && error !== null && 'code' in error) return { closed: Number(error.code) };
    throw error;
  }
}

/** Makes somebody who stands to the project like this caller. */
export async function makePerson(
  source: DataSource,
  ready: Ready,
  caller: Caller,
  projectId: string,
  name: string,
): Promise<Person> {
  const { role, isSupport, by } = callers[caller];
  const email = `${name.toLowerCase()}.${randomUUID()}@example.org`;
  const user = await source
    .getRepository(User)
    .save({ name: `${name} ${caller}`, email, isSupport, signedInAt: new Date() });
  if (role) await source.getRepository(Member).insert({ projectId, userId: user.id, role });
  const person = (headers: Record<string, string>) => new Person(user.id, email, ready.graphql, headers);
  if (by === 'nothing') return person({});
  if (by === 'session')
    return person({
      cookie: `${sessionCookieName(ready.web)}=${await beginSession(source, user.id)}`,
      origin: ready.web,
    });
  const { token, secret } = await createToken(source, user.id, `${name} token`, null);
  if (by === 'revoked token') await source.getRepository(ApiToken).delete(token.id);
  return person({ authorization: `Bearer ${secret}` });
}
