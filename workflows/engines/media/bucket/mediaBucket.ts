import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Place } from '#schema/domain';
import { httpStatus, s3Code, s3Problem, type Asked } from '../../s3/problem.js';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { openMediaClient, type BucketAddress } from './openMediaClient.js';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Who lacks a right, in the words of `s3Problem`. */
export const rightsOwner = 'the owner of the keys';

/** The words for what a person corrects; a check finds the field at fault by them. */
export const mediaSettings = {
  keys: 'the keys in the environment’s settings',
  bucket: 'the bucket’s name in the environment’s settings',
  region: 'the region in the environment’s settings',
  endpoint: 'the endpoint in the environment’s settings',
} as const satisfies Asked['settings'];

/** Which failures the problems of reading media are. */
const readingCodes: Asked['codes'] = {
  unreachable: 'MEDIA_UNREADABLE',
  refused: 'MEDIA_UNREADABLE',
  absent: 'MEDIA_NOT_FOUND',
  full: 'MEDIA_UNREADABLE',
};

/** One bucket with media, as long as it is used. */
export class MediaBucket {
  readonly client: S3Client;
  readonly place: S3Place;
  readonly signal: AbortSignal;
  private readonly closing = new AbortController();

  /** `patienceMs`: for how long what is away or busy is asked again. */
  constructor(
    private readonly address: BucketAddress,
    private readonly patienceMs: number,
    signal: AbortSignal,
    private readonly codes = readingCodes,
  ) {
    this.place = address.place;
    this.signal = AbortSignal.any([signal, this.closing.signal]);
    // Every request under way listens.
    setMaxListeners(0, this.signal);
    this.client = openMediaClient(address, this.signal);
  }

  /** The bucket and what its keys begin with, e.g. `“shop/uploads/”`. */
  get words(): string {
    return `“${this.place.bucket}/${this.place.prefix}”`;
  }

  /**
   * An answer of S3’s, asked for again as long as patience lasts. `action` is the right that it takes. Throws S3’s own
   * error where it says no, and a `StepProblem` where nothing can be asked.
   */
  async ask<Answer>(action: string, send: () => Promise<Answer>): Promise<Answer> {
    const begun = performance.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        return await send();
      } catch (error: unknown) {
        this.signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        const leftMs = begun + this.patienceMs - performance.now();
        if (leftMs <= 0) throw this.problem(error, action);
        await this.pause(Math.min(pauseMs, leftMs));
      }
    }
  }

  async pause(ms: number): Promise<void> {
    await delay(ms * (0.5 + Math.random() / 2), undefined, { signal: this.signal });
  }

  /** Whether what has not moved since then is still waited for. */
  isPatient(sinceMs: number): boolean {
    return performance.now() - sinceMs < this.patienceMs;
  }

  /** What an answer says, as a StepProblem. */
  problem(error: unknown, action: string): unknown {
    const status = httpStatus(error);
    if (
      this.address.keys === 'none' &&
      (status === 401 || status === 403) &&
      s3Code(error) === 'AccessDenied'
    ) {
      return new StepProblem(
        this.codes.refused,
        `The media bucket ${this.words} does not allow ${action} to everybody, and there are no keys`,
        { remedy: `Give ${mediaSettings.keys}, then retry.` },
      );
    }
    const problem = s3Problem(
      error,
      {
        name: `The media bucket ${this.words}`,
        bucket: this.place.bucket,
        codes: this.codes,
        settings: mediaSettings,
      },
      action,
    );
    if (!(problem instanceof StepProblem) || problem.remedy) return problem;
    // The code’s own remedy is about folders.
    const remedy = `Check that it runs and that ${mediaSettings.endpoint} is right, then retry.`;
    return new StepProblem(problem.code, problem.message, { remedy });
  }

  /** That objects cannot be read although they are listed; `what` names them. */
  cannotRead(what: string): StepProblem {
    const remedy =
      this.address.keys === 'none'
        ? `Give ${mediaSettings.keys}, then retry.`
        : `Give ${rightsOwner} the right s3:GetObject, then retry.`;
    return new StepProblem('MEDIA_UNREADABLE', `${what} the media bucket ${this.words} cannot be read`, {
      remedy,
    });
  }

  /** Ends every request under way. */
  close(): void {
    this.closing.abort(new Error('The media bucket was closed'));
    this.client.destroy();
  }
}

/** Whether it may be otherwise in a moment. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = httpStatus(error);
  if (status !== null)
    return status === 429 || (status >= 500 && status !== 501) || s3Code(error) === 'RequestTimeout';
  const system = systemCode(error);
  return error.name === 'TimeoutError' || (system !== null && /^(E[A-Z]+|EAI_.*)$/.test(system));
}
