import type { IncomingMessage, Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/express';
import { useServer } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { Context, type Tools } from '../graph/context.js';
import { bearerSecret, credentialOf, type Credential } from '../identity/viewer.js';
import { sessionCookieName } from '../identity/sessions.js';
import { documentRules, validateWithin } from './documentRules.js';
import { noSubscriptionsHere } from './noSubscriptionsHere.js';
import { maskFaults } from './maskFaults.js';
import type { OwnOrigins } from './origin.js';

/** How GraphQL is served on all three transports, and how it stops. */
export interface GraphqlService {
  stop(): Promise<void>;
}

interface Served {
  app: Express;
  server: Server;
  schema: GraphQLSchema;
  tools: Tools;
  origins: OwnOrigins;
  log: Logger;
}

/**
 * Serves one schema with one context over HTTP and graphql-ws at `/graphql` and over SSE at `/graphql/stream`: who
 * somebody is and what they may see never depends on the transport.
 */
export async function serveGraphql({
  app,
  server,
  schema,
  tools,
  origins,
  log,
}: Served): Promise<GraphqlService> {
  const cookieName = sessionCookieName(tools.settings.publicUrl);
  const credential = (request: IncomingMessage) =>
    credentialOf(request, cookieName, origins.mayUseCookie(request));
  const mask = maskFaults(log);

  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: 1_000_000,
    verifyClient: ({ req }: { req: IncomingMessage }) => !origins.isForeign(req),
  });
  const socketService = useServer(
    {
      schema,
      validate: validateWithin,
      context: ({ connectionParams, extra }) =>
        Context.for(tools, socketCredential(connectionParams) ?? credential(extra.request)),
      onConnect: async ({ connectionParams, extra }) => {
        const presented = socketCredential(connectionParams) ?? credential(extra.request);
        if (!(await Context.for(tools, presented)).viewer) extra.socket.close(4401, 'Sign in first');
      },
      onError: (_context, _id, _payload, errors) => errors.map(mask),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: result.errors.map(mask) } : result,
    },
    sockets,
    15_000,
  );

  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    validationRules: documentRules,
    formatError: (_formatted, error) => mask(error).toJSON(),
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: server }),
      ApolloServerPluginLandingPageDisabled(),
      noSubscriptionsHere,
    ],
  });
  await apollo.start();

  const stream = createHandler({
    schema,
    validate: validateWithin,
    context: async (request) =>
      (await Context.for(tools, credential(request.raw))) as Context & Record<PropertyKey, unknown>,
    onNext: (_context, _request, result) =>
      result.errors ? { ...result, errors: result.errors.map(mask) } : undefined,
  });
  app.use('/graphql/stream', express.json({ limit: '1mb' }), (request, response, next) => {
    if (origins.isForeign(request)) response.status(403).end();
    else stream(request, response).catch(next);
  });
  app.use(
    '/graphql',
    express.json({ limit: '1mb' }),
    expressMiddleware(apollo, { context: async ({ req }) => Context.for(tools, credential(req)) }),
  );

  return {
    async stop() {
      await socketService.dispose();
      await apollo.stop();
    },
  };
}

function socketCredential(parameters: Readonly<Record<string, unknown>> | undefined): Credential | null {
  const secret = bearerSecret(parameters?.authorization ?? parameters?.Authorization);
  return secret ? { kind: 'token', secret } : null;
}
