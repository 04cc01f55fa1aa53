// One of the servers of the bench `subscribers`: how its subscriptions are served is the first argument.
//   ours   the server’s own
//   plain  graphql-ws as it comes: every subscriber’s document is executed and encoded for itself; nobody’s rights are asked
//   strict the same, and before every event each subscriber’s rights are asked, as they must be
import 'reflect-metadata';
import http from 'node:http';
import express from 'express';
import { useServer } from 'graphql-ws/use/ws';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { catalogue as describeCatalogue } from '../../dist/schema/catalogue/index.js';
import { Context } from '../../dist/server/graph/context.js';
import { createSchema } from '../../dist/server/graph/schema.js';
import { serveGraphql } from '../../dist/server/http/graphql.js';
import { OwnOrigins } from '../../dist/server/http/origin.js';
import { bearerSecret } from '../../dist/server/identity/viewer.js';
import { Changes } from '../../dist/server/live/changes.js';
import { createRows } from '../../dist/server/live/rows.js';

const [way, databaseUrl] = process.argv.slice(2);
const log = pino({ level: 'warn' });
const catalogue = describeCatalogue({ databaseUrl, applicationName: 'holdfast bench', poolSize: 20 });
await catalogue.initialize();
const settings = {
  publicUrl: 'http://127.0.0.1',
  TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
  TEMPORAL_NAMESPACE: 'default',
  HOLDFAST_HISTORY_DAYS: 30,
};
const changes = new Changes(catalogue, databaseUrl, log);
const tools = { catalogue, settings, changes, launcher: null, secretBox: null, mailer: null };
const schema = await createSchema();
const app = express();
const server = http.createServer(app);
if (way === 'ours') {
  const origins = new OwnOrigins({ publicUrl: settings.publicUrl, PORT: 0 });
  await serveGraphql({ app, server, schema, tools, origins, log });
} else {
  serveAsItComes();
}
await changes.start();
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ rss: process.memoryUsage().rss, cpu: user + system });
});
process.on('disconnect', () => process.exit(0));

/** The same schema and resolvers behind graphql-ws alone; the source of a subscription is a generator of its own. */
function serveAsItComes() {
  const rows = createRows(catalogue);
  const listeners = new Set();
  let job = Promise.resolve(null);
  changes.tell({
    changed(change) {
      if (change.noun !== 'Backup') return;
      job = rows.backup.load(change.id);
      for (const listener of listeners) listener();
    },
    missed: () => undefined,
    followed: () => [],
  });
  schema.getSubscriptionType().getFields().jobChanged.subscribe = async function* (_root, { id }, { held }) {
    let wake = () => undefined;
    let waits = false;
    const listener = () => {
      waits = true;
      wake();
    };
    listeners.add(listener);
    try {
      yield await held.context.access.backup(id);
      for (;;) {
        if (!waits) await new Promise((resolve) => (wake = resolve));
        waits = false;
        if (way === 'plain') {
          yield await job;
        } else {
          held.context = await Context.for(tools, held.credential);
          yield await held.context.access.backup(id);
        }
      }
    } finally {
      listeners.delete(listener);
    }
  };
  useServer(
    {
      schema,
      // A busy machine opens thousands of sockets slowly.
      connectionInitWaitTimeout: 60_000,
      context: async ({ connectionParams }) => {
        const credential = { kind: 'token', secret: bearerSecret(connectionParams.authorization) };
        const held = { credential, context: await Context.for(tools, credential) };
        return {
          held,
          tools,
          get access() {
            return held.context.access;
          },
          get loaders() {
            return held.context.loaders;
          },
          get viewer() {
            return held.context.viewer;
          },
        };
      },
    },
    new WebSocketServer({ server, path: '/graphql' }),
  );
}
