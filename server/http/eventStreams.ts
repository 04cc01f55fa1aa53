import express, { type Express, type Request, type Response } from 'express';
import type { ExecutionArgs } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/express';
import { Context } from '../graph/context.js';
import { rateLimited, unauthenticated } from '../graph/faults.js';
import { mostConnections } from '../live/live.js';
import { Subscriber, type Outlet } from '../live/subscriber.js';
import type { Served } from './served.js';

/** Bytes that may wait for a slow reader before it is sent no more. */
const mostBuffered = 64 * 1024;

/** An operation that may turn out to be a subscription, and where its answers would go. */
interface StreamArgs extends ExecutionArgs {
  contextValue: Context & Record<PropertyKey, unknown>;
  response: Response;
}

/** Serves GraphQL as server-sent events at `/graphql/stream`, one operation per request. */
export function serveEventStreams(
  app: Express,
  { tools, origins, credential, documents, live, mask }: Served,
): void {
  const stream = createHandler<Context & Record<PropertyKey, unknown>>({
    authenticate: () => null,
    validate: documents.validate,
    onSubscribe: async ({ raw, context: { res } }, params) => {
      try {
        const contextValue = (await Context.for(tools, credential(raw))) as StreamArgs['contextValue'];
        return { ...documents.read(params), contextValue, response: res } as StreamArgs;
      } catch (error: unknown) {
        return { data: null, errors: [mask(error)] };
      }
    },
    subscribe: (args) => subscribe(args as StreamArgs),
    onNext: (_context, _request, result) =>
      result.errors ? { ...result, errors: result.errors.map(mask) } : undefined,
  });

  /** An event stream is a connection of its own, for one subscription. */
  async function subscribe(args: StreamArgs) {
    const { response, contextValue } = args;
    if (!contextValue.viewer) return { errors: [unauthenticated()] };
    const presence = live.enter(contextValue.viewer, (why) => {
      // Without a last word a client connects again; one that is signed out is told that it is over.
      if (why !== 'SIGNED_OUT') response.destroy();
    });
    if (!presence)
      return { errors: [rateLimited(`At most ${mostConnections} connections at once: close others first.`)] };
    const answer = await live.subscribe(args, presence, outletOf(response));
    if (!(answer instanceof Subscriber) || response.closed) presence.leave();
    else response.once('close', () => presence.leave());
    return answer;
  }

  app.use('/graphql/stream', express.json({ limit: '1mb' }), (request: Request, response, next) => {
    if (origins.isForeign(request)) response.status(403).end();
    else if (request.headers.accept !== 'text/event-stream') response.status(406).json(wrongAccept);
    else stream(request, response).catch(next);
  });
}

/** To whoever wants no event stream, or not exactly that: they would be left without a word. */
const wrongAccept = {
  errors: [
    {
      message: 'Events are served here: send the header `accept: text/event-stream`, or ask at /graphql.',
      extensions: { code: 'BAD_REQUEST' },
    },
  ],
};

/** An event stream: the event of graphql-sse around an answer that many share. */
function outletOf(response: Response): Outlet {
  return {
    get ready() {
      return response.headersSent && response.writableLength < mostBuffered;
    },
    send(answer) {
      response.write(`event: next\ndata: ${answer}\n\n`);
    },
  };
}
