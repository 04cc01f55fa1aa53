import type { S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { areKeysRefused } from './problem.js';

/** At once; and again, because two files are not replaced in the same moment. */
const pausesMs = [0, 2_000];

/**
 * Makes a client read its keys again where S3 refuses them, and ask once more: they may have expired, or have been
 * replaced, since they were read. A body that streams cannot be sent again here: whoever sends it tries anew.
 */
export function renewKeys(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      let refused: unknown;
      for (const pauseMs of [null, ...pausesMs]) {
        if (pauseMs !== null) {
          await delay(pauseMs);
          await client.config.credentials({ forceRefresh: true });
        }
        try {
          return await next(args);
        } catch (error: unknown) {
          if (!areKeysRefused(error)) throw error;
          refused = error;
        }
        if ('Body' in args.input && args.input.Body instanceof Readable) {
          await client.config.credentials({ forceRefresh: true });
          break;
        }
      }
      throw refused;
    },
    { step: 'initialize', name: 'renewKeys' },
  );
}
