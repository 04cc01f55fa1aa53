import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Tools } from '../graph/context.js';
import type { Credential } from '../identity/viewer.js';
import type { Live } from '../live/live.js';
import type { Documents } from './documents.js';
import type { OwnOrigins } from './origin.js';

/** What every transport serves, alike. */
export interface Served {
  tools: Tools;
  live: Live;
  documents: Documents;
  origins: OwnOrigins;
  /** What a request presents. */
  credential: (request: IncomingMessage) => Credential | null;
  /** What callers are told of an error. */
  mask: (error: unknown) => GraphQLError;
}
