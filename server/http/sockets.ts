import type { IncomingMessage, Server } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Context } from '../graph/context.js';
import { rateLimited } from '../graph/faults.js';
import { bearerSecret, type Credential } from '../identity/viewer.js';
import { mostConnections } from '../live/live.js';
import type { Presence } from '../live/presence.js';
import type { Farewell, Outlet } from '../live/subscriber.js';
import type { Served } from './served.js';

const pingMs = 15_000;
/** How long a socket may wait before it says who it is: longer than a server takes to let everybody in again. */
const patienceMs = 10_000;
/** Operations of one socket at once, subscriptions and others. */
const mostOperations = 50;
/** Bytes that may wait for a slow reader before it is sent no more. */
const mostBuffered = 256 * 1024;

/** Why the server closes a socket. Client libraries connect again after all but 4401. */
const farewells = {
  SIGNED_OUT: [4401, 'Sign in first'],
  TOO_SLOW: [1013, 'Too slow: connect again, and load again what is shown'],
  STOPPING: [1001, 'Going away'],
  TOO_MANY: [4429, `At most ${mostConnections} connections at once: close others first`],
} satisfies Record<Farewell | 'TOO_MANY', [code: number, reason: string]>;

/** What is known of a socket. */
interface Extra extends Record<PropertyKey, unknown> {
  socket: WebSocket;
  request: IncomingMessage;
  presence?: Presence;
}

/** An operation that may turn out to be a subscription, and where its answers would go. */
interface SocketArgs extends ExecutionArgs {
  presence: Presence;
  outlet: Outlet;
}

/** Serves graphql-ws at `/graphql`; answers with how to stop it. */
export function serveSockets(
  server: Server,
  { tools, origins, credential, documents, live, mask }: Served,
): () => Promise<void> {
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: 1_000_000,
    verifyClient: ({ req }: { req: IncomingMessage }) => !origins.isForeign(req),
  });
  const contextOf = (parameters: Parameters<typeof socketCredential>[0], request: IncomingMessage) =>
    Context.for(tools, socketCredential(parameters) ?? credential(request));

  const service = useServer<Record<string, unknown>, Extra>(
    {
      connectionInitWaitTimeout: patienceMs,
      onConnect: async ({ connectionParams, extra }) => {
        const { socket, request } = extra;
        const { viewer } = await contextOf(connectionParams, request);
        if (!viewer) return socket.close(...farewells.SIGNED_OUT);
        const presence = live.enter(viewer, (why) => socket.close(...farewells[why]));
        if (!presence) return socket.close(...farewells.TOO_MANY);
        extra.presence = presence;
        socket.once('close', () => presence.leave());
        if (socket.readyState !== socket.OPEN) presence.leave();
      },
      onSubscribe: async ({ connectionParams, extra, subscriptions }, id, payload) => {
        const { socket, request, presence } = extra;
        if (!presence) return [rateLimited('The connection is closing.')];
        if (Object.keys(subscriptions).length > mostOperations) {
          return [rateLimited(`At most ${mostOperations} operations at once on a socket: end others first.`)];
        }
        try {
          const operation = documents.read(payload);
          const errors = documents.validate(operation.schema, operation.document);
          if (errors.length > 0) return errors;
          const contextValue = await contextOf(connectionParams, request);
          const args: SocketArgs = { ...operation, contextValue, presence, outlet: outletOf(socket, id) };
          return args;
        } catch (error: unknown) {
          return [mask(error)];
        }
      },
      subscribe: (args) => {
        const { presence, outlet } = args as SocketArgs;
        return live.subscribe(args, presence, outlet);
      },
      onError: (_context, _id, _payload, errors) => errors.map(mask),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: result.errors.map(mask) } : result,
    },
    sockets,
    pingMs,
  );
  return async () => service.dispose();
}

/** One operation’s place on a socket: the frame of graphql-ws around an answer that many share. */
function outletOf(socket: WebSocket, id: string): Outlet {
  const before = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  return {
    get ready() {
      return socket.bufferedAmount < mostBuffered;
    },
    send(answer) {
      if (socket.readyState === socket.OPEN) socket.send(`${before}${answer}}`);
    },
  };
}

function socketCredential(parameters: Readonly<Record<string, unknown>> | undefined): Credential | null {
  const secret = bearerSecret(parameters?.authorization ?? parameters?.Authorization);
  return secret ? { kind: 'token', secret } : null;
}
