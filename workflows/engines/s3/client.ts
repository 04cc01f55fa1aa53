import { S3Client } from '@aws-sdk/client-s3';
import type { LookupFunction } from 'node:net';
import type { S3KeySource } from './renewableKeys.js';
import { renewKeys } from './renewKeys.js';

/** Where a provider of S3 is and how it is asked. */
export interface S3Address {
  /** Address of a provider other than AWS; null: AWS itself. */
  endpoint: string | null;
  /** Default: `us-east-1`, which providers without regions take as well. */
  region: string | null;
  /** Null: what the SDK finds by itself, e.g. in `AWS_ACCESS_KEY_ID` or in the machine’s role. */
  keys: S3KeySource | null;
  /** Whether the bucket stands in the path, not in the host’s name; default: where an endpoint is given. */
  forcePathStyle?: boolean | undefined;
  /** How often a call is tried while the provider is busy or away; default 5, with growing pauses. */
  attempts?: number;
  /** How names become addresses, at the moment of connecting; default: as the system does it. */
  lookup?: LookupFunction;
}

const connectMs = 5_000;
/** For how long nothing may move on a connection: one into a black hole ends. */
const silenceMs = 60_000;
const sockets = 128;
/**
 * For smaller bodies nobody asks first whether they may come: the SDK would open a connection for each. Larger ones
 * are streams, which cannot be sent twice.
 */
const askFirstBytes = 16 * 1024 * 1024 + 1;
/** What goes wrong is thrown; the SDK has nothing to say beside that. */
const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A client for S3 of any provider; nothing is asked yet. `destroy()` it when done. */
export function openS3Client({
  endpoint,
  region,
  keys,
  forcePathStyle = endpoint !== null,
  attempts = 5,
  lookup,
}: S3Address): S3Client {
  // Which Node Holdfast runs on is said by Holdfast itself.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  // A call that may be sent only once does not risk a connection that the other side has just closed.
  const agent = { keepAlive: attempts > 1, maxSockets: sockets, ...(lookup && { lookup }) };
  const client = new S3Client({
    ...(endpoint === null ? {} : { endpoint }),
    region: region ?? 'us-east-1',
    forcePathStyle,
    logger: silent,
    maxAttempts: attempts,
    retryMode: 'standard',
    // Every body has a checksum that the server compares; bytes that are read are compared with Holdfast’s own hashes.
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: askFirstBytes,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: silenceMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
    // The files that the SDK’s own chain knows are read again when its keys are refused.
    ...{ ignoreCache: true },
    ...(keys === null ? {} : { credentials: keys }),
  });
  if (keys === null || typeof keys === 'function') renewKeys(client);
  return client;
}
