import type { IncomingMessage, Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { Context, type Tools } from '../graph/context.js';
import { credentialOf } from '../identity/viewer.js';
import { sessionCookieName } from '../identity/sessions.js';
import { Live } from '../live/live.js';
import { documentRules } from './documentRules.js';
import { Documents } from './documents.js';
import { serveEventStreams } from './eventStreams.js';
import { noSubscriptionsHere } from './noSubscriptionsHere.js';
import { maskFaults } from './maskFaults.js';
import type { OwnOrigins } from './origin.js';
import type { Served } from './served.js';
import { serveSockets } from './sockets.js';

/** How GraphQL is served on all three transports, and how it stops. */
export interface GraphqlService {
  stop(): Promise<void>;
}

interface Parts {
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
export async function serveGraphql(parts: Parts): Promise<GraphqlService> {
  const { app, server, schema, tools, origins, log } = parts;
  const cookieName = sessionCookieName(tools.settings.publicUrl);
  const credential = (request: IncomingMessage) =>
    credentialOf(request, cookieName, origins.mayUseCookie(request));
  const mask = maskFaults(log);
  const live = new Live(tools, mask, log);
  tools.changes.tell(live);
  const served: Served = { tools, live, documents: new Documents(schema), origins, credential, mask };

  const closeSockets = serveSockets(server, served);
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
      // It would look at every field; nothing here may be cached.
      ApolloServerPluginCacheControlDisabled(),
      noSubscriptionsHere,
    ],
  });
  await apollo.start();

  serveEventStreams(app, served);
  app.use(
    '/graphql',
    express.json({ limit: '1mb' }),
    expressMiddleware(apollo, { context: async ({ req }) => Context.for(tools, credential(req), req.ip) }),
  );

  return {
    async stop() {
      live.stop();
      await closeSockets();
      await apollo.stop();
    },
  };
}
