import { secondsInWords, type FailureCode } from '#schema/domain';
import { StepProblem } from '../stepProblem.js';
import { systemCode } from '../systemCode.js';

/** What is asked of S3, in words and codes for people. */
export interface Asked {
  /** How sentences begin, e.g. `The backup storage`. */
  name: string;
  bucket: string;
  /** Which failures of a job its problems are. */
  codes: Record<'unreachable' | 'refused' | 'absent' | 'full', FailureCode>;
  /** What a person corrects, as the object of a sentence, e.g. `S3_REGION` or `the region in the environment’s settings`. */
  settings: Record<'keys' | 'bucket' | 'region' | 'endpoint', string>;
}

const busy =
  /^(SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Throttling.*|TooManyRequests.*|RequestLimitExceeded|OperationAborted|IncompleteBody)$/;
const damaged = /^(BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch)$/;
const full = /quota|storage.?full|insufficient.?storage|no.?space|disk.?full/i;
const wrongKeys =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|CredentialsProviderError|InvalidClientTokenId|InvalidSecurity)$/;
const wrongRegion =
  /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|TemporaryRedirect)$/;
const untrusted = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/**
 * Puts what S3 or the way to it said into a `StepProblem` that names what to mend; never quotes keys, signatures or
 * S3’s own words. `action` is the right that was needed, e.g. `s3:DeleteObject`. What is no such error is handed
 * back as it is.
 */
export function s3Problem(error: unknown, asked: Asked, action: string): unknown {
  if (error instanceof StepProblem || !(error instanceof Error)) return error;
  const { name, bucket, codes, settings } = asked;
  const code = s3Code(error);
  const status = httpStatus(error);
  const problem = (failure: FailureCode, message: string, remedy?: string) =>
    new StepProblem(failure, message, remedy === undefined ? {} : { remedy: `${remedy}, then retry.` });

  if (code === 'NoSuchBucket' || code === 'InvalidBucketName') {
    return problem(
      codes.absent,
      `There is no bucket “${bucket}” (${code})`,
      `Create it or correct ${settings.bucket}`,
    );
  }
  if (code === 'RequestTimeTooSkewed' || code === 'RequestExpired') {
    return problem(
      codes.refused,
      `${name} refuses requests because the clocks differ${byHowMuch(error)} (${code})`,
      'Set the clock of the worker’s machine right',
    );
  }
  if (code === 'CredentialsProviderError') {
    return problem(codes.refused, `There are no keys for ${inSentence(name)}`, `Give ${settings.keys}`);
  }
  if (wrongKeys.test(code)) {
    return problem(codes.refused, `${name} does not take the keys (${code})`, `Correct ${settings.keys}`);
  }
  if (wrongRegion.test(code) || status === 301 || status === 307) {
    const region = rightRegion(error);
    const where = region ? `the bucket “${bucket}” is in the region “${region}”` : `“${bucket}” is elsewhere`;
    return problem(
      codes.refused,
      `${name} was asked in a wrong region: ${where} (${code})`,
      `Correct ${settings.region}${region ? '' : ` or ${settings.endpoint}`}`,
    );
  }
  if (full.test(code) || status === 507) {
    return problem(codes.full, `${name} is full or its quota is used up (${code})`);
  }
  if (damaged.test(code)) {
    return problem(codes.unreachable, `What ${inSentence(name)} received was not what was sent (${code})`);
  }
  if (busy.test(code) || status === 429 || (status !== null && status >= 500 && status !== 501)) {
    return problem(codes.unreachable, `${name} is busy or has trouble (${inParentheses(code, status)})`);
  }
  if (status === 401 || status === 403) {
    return problem(
      codes.refused,
      `${name} does not allow ${action} on the bucket “${bucket}” (${inParentheses(code, status)})`,
      `Give the owner of the keys the right ${action}`,
    );
  }
  if (status !== null && status >= 400) {
    return problem(
      codes.refused,
      `${name} refused ${action} (${inParentheses(code, status)})`,
      mendPlace(settings),
    );
  }
  if (status !== null) {
    return problem(codes.refused, `${name} does not answer as S3 does (HTTP ${status})`, mendPlace(settings));
  }
  const mendWay = `Check that it runs and that ${settings.endpoint} is right`;
  if (code === 'TimeoutError') {
    return problem(codes.unreachable, `${name} did not answer in time`, mendWay);
  }
  const system = systemCode(error) ?? systemCode(error.cause);
  if (system && untrusted.test(system)) {
    return problem(
      codes.unreachable,
      `${name} shows a certificate that is not trusted (${system})`,
      `Correct ${settings.endpoint} or name the certificate’s authority in NODE_EXTRA_CA_CERTS`,
    );
  }
  if (system && system.startsWith('ERR_')) return error;
  return system === null
    ? error
    : problem(codes.unreachable, `${name} could not be reached (${system})`, mendWay);
}

/** Whether S3 refuses the keys themselves: they expired, were replaced, or never were right. */
export function areKeysRefused(error: unknown): boolean {
  const code = s3Code(error);
  return code !== 'CredentialsProviderError' && wrongKeys.test(code);
}

/** What S3 calls its error, e.g. `NoSuchKey`; where it has no word for it, the error’s name. */
export function s3Code(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name;
}

/** The status of S3’s answer; null where there was none. */
export function httpStatus(error: unknown): number | null {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : null;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

function byHowMuch(error: Error): string {
  const there = instant(error, 'ServerTime');
  const here = instant(error, 'RequestTime');
  return there === null || here === null ? '' : ` by ${secondsInWords(Math.abs(here - there) / 1000)}`;
}

/** An instant that S3 put into its error, in milliseconds; the time of a request is written without separators. */
function instant(error: Error, field: string): number | null {
  const text = String(Reflect.get(error, field) ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function rightRegion(error: Error): string | null {
  const response: unknown = Reflect.get(error, '$response');
  const headers: unknown = typeof response === 'object' && response ? Reflect.get(response, 'headers') : null;
  const named =
    Reflect.get(error, 'Region') ??
    (typeof headers === 'object' && headers ? Reflect.get(headers, 'x-amz-bucket-region') : null);
  return typeof named === 'string' && /^[a-z0-9-]{2,40}$/i.test(named) ? named : null;
}

function mendPlace(settings: Asked['settings']): string {
  return `Check ${settings.endpoint}, ${settings.bucket} and ${settings.region}`;
}

function inSentence(name: string): string {
  return name.replace(/^The /, 'the ');
}

function inParentheses(code: string, status: number | null): string {
  const isWord = /^[A-Za-z]{3,60}$/.test(code) && !/^(Unknown|UnknownError|Error)$/.test(code);
  return isWord ? code : `HTTP ${status}`;
}
