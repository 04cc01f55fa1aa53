import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { httpStatus, s3Code } from '../s3/problem.js';
import { StepProblem } from '../stepProblem.js';
import { writeToken, type S3Bucket } from './s3Bucket.js';
import { describeObject } from './s3Objects.js';

const tries = 8;

/**
 * Writes small bytes only if the key is absent. An answer that was lost is found out by looking: whose write the
 * object came by stands in it.
 */
export async function sealObject(bucket: S3Bucket, key: string, bytes: Buffer): Promise<'sealed' | 'exists'> {
  const token = randomUUID();
  const put = {
    ...bucket.at(key),
    Body: bytes,
    IfNoneMatch: '*',
    Metadata: { [writeToken]: token, sha256: createHash('sha256').update(bytes).digest('hex') },
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await bucket.client.send(new PutObjectCommand(put));
      return 'sealed';
    } catch (error: unknown) {
      const problem = bucket.problem(error, 's3:PutObject');
      const isTaken = httpStatus(error) === 412;
      // Somebody else is at it in this moment: whether they succeed is not decided.
      const isContested = httpStatus(error) === 409 || s3Code(error) === 'ConditionalRequestConflict';
      const isLost = problem instanceof StepProblem && problem.code === 'STORAGE_UNREACHABLE';
      if (!isTaken && !isContested && !isLost) throw problem;
      const there = await describeObject(bucket, key).catch((cannotLook: unknown) => {
        throw isLost ? problem : cannotLook;
      });
      if (there) return there.token === token ? 'sealed' : 'exists';
      if (isLost || attempt === tries) throw problem;
      await delay(50 * 2 ** attempt * Math.random());
    }
  }
}
