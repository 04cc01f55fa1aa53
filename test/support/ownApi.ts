import { graphql, type GraphQLSchema } from 'graphql';
import { Connection } from '@temporalio/client';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { catalogue, createFileLinks, createSecretBox, migrateCatalogue } from '#schema/catalogue';
import { Context, type Tools } from '../../server/graph/context.js';
import { createSchema } from '../../server/graph/schema.js';
import { JobLauncher } from '../../server/jobs/launcher.js';
import { Changes } from '../../server/live/changes.js';
import { serverSettings } from '../../server/settings.js';

/** The API over a catalogue of a test’s own, in the test’s process: Temporal is away, so that jobs stay as they are. */
export interface OwnApi {
  source: DataSource;
  tools: Tools;
  /** Asks as whoever has this token; answers with the field of that name. Throws where GraphQL finds a fault. */
  ask<Result>(token: string, field: string, document: string, variables?: object): Promise<Result>;
  stop(): Promise<void>;
}

/** Makes the catalogue in an empty database, and the API over it, with more settings where given. */
export async function startOwnApi(databaseUrl: string, more: NodeJS.ProcessEnv = {}): Promise<OwnApi> {
  await migrateCatalogue(databaseUrl);
  const source = await catalogue({ databaseUrl, applicationName: 'holdfast test', poolSize: 5 }).initialize();
  const log = pino({ level: 'silent' });
  const HOLDFAST_SECRET_KEY = Buffer.alloc(32, 1).toString('base64');
  const settings = serverSettings({ DATABASE_URL: databaseUrl, HOLDFAST_SECRET_KEY, ...more });
  // Nobody listens at port 1.
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const tools: Tools = {
    catalogue: source,
    settings,
    secretBox: createSecretBox(HOLDFAST_SECRET_KEY),
    fileLinks: createFileLinks(HOLDFAST_SECRET_KEY),
    launcher: new JobLauncher(connection, settings.TEMPORAL_NAMESPACE, log),
    changes: new Changes(source, databaseUrl, log),
    mailer: null,
  };
  const schema: GraphQLSchema = await createSchema();
  return {
    source,
    tools,
    async ask(token, field, document, variables = {}) {
      const contextValue = await Context.for(tools, { kind: 'token', secret: token });
      const variableValues = variables as Record<string, unknown>;
      const { data, errors } = await graphql({ schema, source: document, variableValues, contextValue });
      if (errors) throw new Error(`${document}\n${JSON.stringify(errors)}`);
      return data?.[field] as never;
    },
    // The connection was never made: what still tries gives up by itself, and a closed one would throw at it.
    stop: () => source.destroy(),
  };
}
