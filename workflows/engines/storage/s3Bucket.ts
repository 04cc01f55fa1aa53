import type { S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { openS3Client, type S3Address } from '../s3/client.js';
import { s3Problem, type Asked } from '../s3/problem.js';
import { StepProblem } from '../stepProblem.js';
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

/** Under which name an object says by which write it came: by it an answer that was lost is found out. */
export const writeToken = 'holdfast-write';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** One bucket: where keys lie in it, and how it is asked. */
export class S3Bucket {
  readonly client: S3Client;
  /** What the probe has found. */
  capabilities = { checksums: true, listsUploads: true };
  private readonly onceClient: S3Client;
  private readonly asked: Asked;

  constructor(readonly settings: S3Settings) {
    this.client = openS3Client(settings);
    this.onceClient = openS3Client({ ...settings, attempts: 1 });
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
    return s3Problem(error, this.asked, action);
  }

  /** Does again what failed because the bucket was away or busy, for as long as patience lasts. */
  async persist<Answer>(signal: AbortSignal, work: () => Promise<Answer>): Promise<Answer> {
    let awaySince: number | null = null;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        return await work();
      } catch (error: unknown) {
        signal.throwIfAborted();
        const isAway = error instanceof StepProblem && error.code === 'STORAGE_UNREACHABLE';
        awaySince ??= performance.now();
        const leftMs = awaySince + this.settings.patienceMs - performance.now();
        if (!isAway || leftMs <= 0) throw error;
        await delay(Math.min(pauseMs * (0.5 + Math.random()), leftMs), undefined, { signal });
      }
    }
  }
}
