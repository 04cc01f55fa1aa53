import type { S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { openS3Client, type S3Address } from '../s3/client.js';
import { areKeysRefused, s3Problem, type Asked } from '../s3/problem.js';
import { StepProblem } from '../stepProblem.js';
import { S3PartMemory } from './s3PartMemory.js';
import { keyNames } from './storageKey.js';

/** How storage in S3 is set up. */
export interface S3Settings extends Omit<S3Address, 'attempts'> {
  bucket: string;
  /** What all keys begin with: empty, or ends in `/`. */
  prefix: string;
  /** The most parts that the provider takes for one object. */
  maxParts: number;
  /** Whether the provider wants all parts of an object but the last to be of one size. */
  equalParts: boolean;
  /** For how long, in milliseconds, a part that cannot be sent is sent again. */
  patienceMs: number;
}

/** What a provider can do, as far as the probe knows. */
export interface S3Capabilities {
  /** Whether it refuses what does not fit its checksum. */
  checksums: boolean;
  listsUploads: boolean;
  /** Whether a body that has a checksum may go unsigned: only where nobody on the way can change both. */
  unsignedBodies: boolean;
}

/** Under which name an object says by which write it came: by it an answer that was lost is found out. */
export const writeToken = 'holdfast-write';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** One bucket: where keys lie in it, and how it is asked. */
export class S3Bucket {
  readonly client: S3Client;
  /** What the probe has found. */
  capabilities: S3Capabilities;
  readonly memory = new S3PartMemory();
  private readonly onceClient: S3Client;
  private readonly asked: Asked;
  /** Problems after which the keys were read again, where they can be. */
  private readonly renewed = new WeakSet<object>();

  constructor(readonly settings: S3Settings) {
    this.client = openS3Client(settings);
    this.onceClient = openS3Client({ ...settings, attempts: 1 });
    this.capabilities = { checksums: true, listsUploads: true, unsignedBodies: isPrivateWay(settings) };
    for (const client of [this.client, this.onceClient]) this.leaveBodiesUnsigned(client);
    this.asked = {
      name: 'The backup storage',
      bucket: settings.bucket,
      codes: {
        unreachable: 'STORAGE_UNREACHABLE',
        refused: 'STORAGE_AUTHENTICATION',
        absent: 'STORAGE_UNREACHABLE',
        full: 'STORAGE_FULL',
      },
      settings: {
        keys: 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
        bucket: 'S3_BUCKET',
        region: 'S3_REGION',
        endpoint: 'S3_ENDPOINT',
      },
    };
  }

  /** Asks once: for what must not be sent twice without a look in between, and for bodies that cannot be sent again. */
  get once(): S3Client {
    // It cannot try again once it is told that the clocks differ; the other one has been told.
    this.onceClient.config.systemClockOffset = this.client.config.systemClockOffset;
    return this.onceClient;
  }

  get name(): string {
    return this.settings.bucket;
  }

  /** Where a key lies; throws a TypeError where it is none. */
  at(key: string): { Bucket: string; Key: string } {
    keyNames(key);
    return { Bucket: this.name, Key: this.settings.prefix + key };
  }

  /** The key of what lies in the bucket; null where nothing of Holdfast’s can have that name. */
  keyOf(name: string | undefined): string | null {
    const { prefix } = this.settings;
    if (!name?.startsWith(prefix)) return null;
    const key = name.slice(prefix.length);
    try {
      keyNames(key);
      return key;
    } catch {
      return null;
    }
  }

  /** The answer, or a StepProblem; `action` is the right that it takes, e.g. `s3:PutObject`. */
  async ask<Answer>(action: string, answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error: unknown) {
      throw this.problem(error, action);
    }
  }

  /** What an answer says, as a StepProblem. */
  problem(error: unknown, action: string): unknown {
    const problem = s3Problem(error, this.asked, action);
    if (areKeysRefused(error) && problem instanceof StepProblem) this.renewed.add(problem);
    return problem;
  }

  /** The signature then covers the checksum, and no body is hashed for it in one piece. */
  private leaveBodiesUnsigned(client: S3Client): void {
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        if (this.capabilities.unsignedBodies && 'x-amz-checksum-crc32' in headers) {
          headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
        }
        return next(args);
      },
      { step: 'build', name: 'leaveBodiesUnsigned' },
    );
  }

  /**
   * Does again what failed because the bucket was away or busy, for as long as patience lasts; once more where keys
   * were refused that have been read again.
   */
  async persist<Answer>(signal: AbortSignal, work: () => Promise<Answer>): Promise<Answer> {
    let awaySince: number | null = null;
    let hasRenewed = typeof this.settings.keys === 'object' && this.settings.keys !== null;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        return await work();
      } catch (error: unknown) {
        signal.throwIfAborted();
        if (!hasRenewed && this.renewed.has(error as object)) {
          hasRenewed = true;
          continue;
        }
        const isAway = error instanceof StepProblem && error.code === 'STORAGE_UNREACHABLE';
        awaySince ??= performance.now();
        const leftMs = awaySince + this.settings.patienceMs - performance.now();
        if (!isAway || leftMs <= 0) throw error;
        await delay(Math.min(pauseMs * (0.5 + Math.random()), leftMs), undefined, { signal });
      }
    }
  }
}

/** Whether nobody else is on the way: it is encrypted, or does not leave the machine. */
function isPrivateWay({ endpoint }: S3Settings): boolean {
  if (endpoint === null) return true;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' || hostname === 'localhost' || /^127\.|^\[::1\]$/.test(hostname);
}
