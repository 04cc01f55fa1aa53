import { execute, type DocumentNode, type ExecutionArgs, type GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { maySee, type ProjectChange, type Standing } from '#schema/domain';
import type { Context, Tools } from '../graph/context.js';
import type { Viewer } from '../identity/viewer.js';
import { contextOf, contextOfAll } from './liveContext.js';
import type { Rights, Worths } from './rights.js';
import type { Rows } from './rows.js';
import type { News, Source } from './sources.js';
import type { Subscriber } from './subscriber.js';

const againMs = 500;
/** How often is looked whether a slow reader has caught up. */
const slowReaderMs = 20;
/** How many are told before others have their turn: requests, and news of rights that ended. */
const toldAtOnce = 500;
const executedAtOnce = 20;

/** What subscribers of one audience ask alike. */
export interface Question extends Pick<
  ExecutionArgs,
  'schema' | 'document' | 'operationName' | 'variableValues'
> {
  document: DocumentNode;
  source: Source;
}

/** What all audiences work with. */
export interface LiveTools {
  tools: Tools;
  rights: Rights;
  rows: Rows;
  mask: (error: unknown) => GraphQLError;
  log: Logger;
}

/** A change, and who is to be told of it. */
interface Turn {
  change: ProjectChange;
  subscribers: Subscriber[];
}

/**
 * Everybody who subscribed by the same document, operation and variables. A change is looked up once, everybody’s
 * rights are asked by one query after that, and the document is executed and encoded once for all with equal rights.
 */
export class Audience {
  private readonly subscribers = new Set<Subscriber>();
  private busy = false;
  private slow: NodeJS.Timeout | null = null;
  /** Whether the document has asked who the viewer is: from then on each gets an execution of their own. */
  private personal = false;

  constructor(
    /** What the question is told from others by. */
    readonly key: string,
    private readonly question: Question,
    private readonly live: LiveTools,
  ) {}

  /** What they follow. */
  get source(): Source {
    return this.question.source;
  }

  /** Whether everybody has left. */
  get empty(): boolean {
    return this.subscribers.size === 0;
  }

  /** One more; it is told the present state where there is one. */
  join(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.source.present) subscriber.push(this.source.present);
  }

  /** One fewer. */
  leave(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber);
  }

  /** Takes in a change for all. */
  push(change: ProjectChange): void {
    for (const subscriber of this.subscribers) subscriber.push(change);
  }

  /** Begins to tell what waits, unless that is under way. */
  wake(): void {
    if (this.busy) return;
    this.busy = true;
    queueMicrotask(() => void this.tellAll());
  }

  private async tellAll(): Promise<void> {
    for (let turns = this.takeTurns(); turns.length > 0; turns = this.takeTurns()) {
      try {
        await this.serve(turns);
      } catch (error: unknown) {
        this.live.log.warn({ error: String(error) }, 'could not tell subscribers; trying again');
        for (const subscriber of this.subscribers) subscriber.putBack();
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
    this.busy = false;
    if (!this.slow && this.someoneWaits()) this.slow = setTimeout(() => this.lookAgain(), slowReaderMs);
  }

  private someoneWaits(): boolean {
    for (const subscriber of this.subscribers) if (subscriber.waits) return true;
    return false;
  }

  private lookAgain(): void {
    this.slow = null;
    this.wake();
  }

  /** The next change of everybody who can be told now; equal ones together. */
  private takeTurns(): Turn[] {
    const turns = new Map<string, Turn>();
    for (const subscriber of this.subscribers) {
      const change = subscriber.waits && subscriber.ready ? subscriber.take() : null;
      if (!change) continue;
      const key = `${change.kind} ${change.id}`;
      const turn = turns.get(key);
      if (turn) turn.subscribers.push(subscriber);
      else turns.set(key, { change, subscribers: [subscriber] });
    }
    return [...turns.values()];
  }

  /** Rights are asked after the rows are read: what is told was there before the last moment that it was allowed. */
  private async serve(turns: Turn[]): Promise<void> {
    const news = await Promise.all(turns.map(({ change }) => this.source.look(change, this.live.rows)));
    const credentials = new Set<string>();
    for (const { subscribers } of turns) {
      for (const { owner } of subscribers) credentials.add(owner.by.id);
    }
    const worths = await this.live.rights.ask(credentials, [this.source.projectId]);
    for (const [index, { subscribers }] of turns.entries()) {
      await this.tell(news[index] ?? null, subscribers, worths);
    }
  }

  private async tell(news: News | null, subscribers: Subscriber[], worths: Worths): Promise<void> {
    const alike = new Map<string, { standing: Standing; subscribers: Subscriber[] }>();
    for (const subscriber of subscribers) {
      const standing = worths.get(subscriber.owner.by.id)?.standing(this.source.projectId);
      if (!standing) {
        subscriber.owner.close('SIGNED_OUT');
        continue;
      }
      subscriber.stand(standing);
      if (!maySee(standing) || !subscriber.wants(news)) continue;
      const key = `${standing.role} ${standing.isSupport}`;
      const group = alike.get(key);
      if (group) group.subscribers.push(subscriber);
      else alike.set(key, { standing, subscribers: [subscriber] });
    }
    if (!news) return;
    for (const { standing, subscribers: group } of alike.values()) {
      const answer = this.personal ? null : await this.answerForAll(news, standing);
      if (answer === null) await this.tellEach(news, group, standing);
      else await this.tellSame(news, group, answer);
    }
  }

  private async tellSame(news: News, group: Subscriber[], answer: string): Promise<void> {
    for (const [index, subscriber] of group.entries()) {
      if (index > 0 && index % toldAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      subscriber.tell(news, answer);
    }
  }

  private async tellEach(news: News, group: Subscriber[], standing: Standing): Promise<void> {
    for (let from = 0; from < group.length; from += executedAtOnce) {
      const some = group.slice(from, from + executedAtOnce);
      await Promise.all(
        some.map(async (subscriber) => {
          const answer = await this.answerFor(subscriber, news, standing);
          if (answer === null) subscriber.owner.close('SIGNED_OUT');
          else subscriber.tell(news, answer);
        }),
      );
    }
  }

  /** The answer for everybody who stands like this; null where it turns out to be each person’s own. */
  private async answerForAll(news: News, standing: Standing): Promise<string | null> {
    const { tools } = this.live;
    const context = contextOfAll(tools, this.source.projectId, standing, () => (this.personal = true));
    const answer = await this.execute(news, context);
    return this.personal ? null : answer();
  }

  private async answerFor({ owner }: Subscriber, news: News, standing: Standing): Promise<string | null> {
    const { tools, rows } = this.live;
    const user = await rows.user.load(owner.userId);
    if (!user) return null;
    const viewer: Viewer = { user, by: owner.by };
    return (await this.execute(news, contextOf(tools, viewer, this.source.projectId, standing)))();
  }

  private async execute({ root }: News, contextValue: Context): Promise<() => string> {
    const { schema, document, operationName, variableValues } = this.question;
    const { data, errors } = await execute({
      schema,
      document,
      operationName,
      variableValues,
      contextValue,
      rootValue: root,
    });
    return () => JSON.stringify({ data, ...(errors ? { errors: errors.map(this.live.mask) } : {}) });
  }
}
