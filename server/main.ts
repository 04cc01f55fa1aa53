import 'reflect-metadata';
import http from 'node:http';
import { Connection } from '@temporalio/client';
import express from 'express';
import { pino } from 'pino';
import { catalogue as describeCatalogue, createFileLinks, createSecretBox } from '#schema/catalogue';
import { BadSettings } from '#schema/config';
import { FileServer } from './download/files/fileServer.js';
import { openFileStore } from './download/files/openFileStore.js';
import { createSchema } from './graph/schema.js';
import type { Tools } from './graph/context.js';
import { serveGraphql } from './http/graphql.js';
import { healthRoutes } from './http/health.js';
import { OwnOrigins } from './http/origin.js';
import { refuseInJson } from './http/refuseInJson.js';
import { securityHeaders } from './http/securityHeaders.js';
import { webApp } from './http/webApp.js';
import { Mailer } from './identity/mailer.js';
import { sweepExpired } from './identity/sweepExpired.js';
import { sessionRoutes } from './identity/sessionRoutes.js';
import { JobLauncher } from './jobs/launcher.js';
import { Reconciler } from './jobs/reconciler.js';
import { Changes } from './live/changes.js';
import { serverSettings, type ServerSettings } from './settings.js';

const sweepMs = 3_600_000;

/** The API server: everything meets here. Resolves once it listens; answers with how to stop it. */
async function startServer(settings: ServerSettings): Promise<() => Promise<void>> {
  const log = pino({ level: settings.HOLDFAST_LOG_LEVEL, name: 'server' });
  const catalogue = describeCatalogue({
    databaseUrl: settings.DATABASE_URL,
    applicationName: 'holdfast server',
    poolSize: 20,
  });
  await catalogue.initialize();
  const connection = Connection.lazy({
    address: settings.TEMPORAL_ADDRESS,
    // Otherwise a long outage is followed by up to two minutes in which nobody tries to connect again.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 3_000 },
  });
  const launcher = new JobLauncher(connection, settings.TEMPORAL_NAMESPACE, log);
  const changes = new Changes(catalogue, settings.DATABASE_URL, log);
  const reconciler = new Reconciler(catalogue, launcher, settings.publicUrl, log);
  const tools: Tools = {
    catalogue,
    settings,
    launcher,
    changes,
    secretBox: createSecretBox(settings.HOLDFAST_SECRET_KEY),
    fileLinks: createFileLinks(settings.HOLDFAST_SECRET_KEY),
    mailer: settings.SMTP_URL ? new Mailer(settings.SMTP_URL, settings.MAIL_FROM, log) : null,
  };
  const origins = new OwnOrigins(settings);

  const app = express().disable('x-powered-by').disable('etag');
  app.set('trust proxy', settings.HOLDFAST_PROXIES);
  const server = http.createServer(app);
  const files = new FileServer(tools, origins, openFileStore(settings, process.env), log);
  app.use(securityHeaders, healthRoutes(tools), sessionRoutes(tools, origins), files.routes());
  const graphql = await serveGraphql({ app, server, schema: await createSchema(), tools, origins, log });
  app.use(webApp(settings.HOLDFAST_WEB_DIR), refuseInJson(log));

  await changes.start();
  reconciler.start();
  const sweep = () =>
    void sweepExpired(catalogue).catch((error: unknown) =>
      log.warn({ err: error }, 'could not sweep what has expired'),
    );
  const sweeping = setInterval(sweep, sweepMs);
  sweep();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(settings.PORT, settings.HOST, resolve);
  });
  log.info({ port: settings.PORT }, 'the API server listens');

  return async () => {
    clearInterval(sweeping);
    await reconciler.stop();
    await changes.stop();
    files.stop();
    await graphql.stop();
    await connection.close();
    await catalogue.destroy();
  };
}

async function main(): Promise<void> {
  const stop = await startServer(serverSettings(process.env));
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), 15_000).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  // The supervisor holds the other end: when it is gone, so are we.
  process.on('disconnect', end);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof BadSettings ? error.message : String(error)}\n`);
  process.exit(1);
});
