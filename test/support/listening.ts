import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { until } from './until.js';

/** Who listens: an API token, or a browser’s cookie. */
export type Ears = { token: string } | { cookie: string; origin: string };

/** One subscription and what came of it. */
export interface Heard {
  /** Everything that was pushed, in order. */
  events: Array<Record<string, unknown>>;
  /** What refused or broke it; null while nothing did. */
  problem: unknown;
  /** Whether the server said that it is over. */
  completed: boolean;
}

/** A graphql-ws client that keeps whatever it hears, and connects again for as long as the library would. */
export class Listening {
  /** Codes by which the socket was closed. */
  readonly closed: number[] = [];
  /** How often it tried to connect. */
  connections = 0;
  private readonly client;

  constructor(graphql: string, ears: Ears) {
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, 'cookie' in ears ? { headers: { ...ears } } : {});
      }
    }
    this.client = createClient({
      url: graphql.replace(/^http/, 'ws'),
      webSocketImpl: Socket,
      lazy: false,
      onNonLazyError: () => undefined,
      retryAttempts: 3,
      retryWait: async () => undefined,
      connectionParams: 'token' in ears ? { authorization: `Bearer ${ears.token}` } : {},
      on: {
        connecting: () => (this.connections += 1),
        closed: (event) => this.closed.push((event as { code: number }).code),
      },
    });
  }

  /** Subscribes; what is heard of `field` is kept, and told to `onEvent` as it comes. */
  to(
    field: string,
    query: string,
    variables: Record<string, unknown>,
    onEvent: (event: Record<string, unknown>) => void = () => undefined,
  ): Heard {
    const heard: Heard = { events: [], problem: null, completed: false };
    this.client.subscribe<Record<string, Record<string, unknown>>>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          const event = data?.[field];
          if (!event) {
            heard.problem = errors;
            return;
          }
          heard.events.push(event);
          onEvent(event);
        },
        error: (problem) => (heard.problem = problem),
        complete: () => (heard.completed = true),
      },
    );
    return heard;
  }

  /** Waits for the code by which the server closes the socket. */
  async untilClosed(withinMs: number): Promise<number> {
    await until('the socket is closed', withinMs, async () => this.closed.length > 0);
    return this.closed[0] ?? 0;
  }

  /** Leaves. */
  async leave(): Promise<void> {
    await this.client.dispose();
  }
}

/** Waits until something was pushed that fits; answers with it. */
export async function untilHeard(
  heard: Heard,
  what: string,
  withinMs: number,
  fits: (event: Record<string, unknown>) => boolean = () => true,
): Promise<Record<string, unknown>> {
  return until(what, withinMs, async () => {
    if (heard.problem) throw new Error(`${what}: ${JSON.stringify(heard.problem)}`);
    return heard.events.find(fits);
  });
}
