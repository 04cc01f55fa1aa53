import { z } from 'zod';
import type { S3Keys, S3Place } from '#schema/domain';

const flag = z
  .enum(['0', '1'], { error: 'must be 0 or 1' })
  .transform((value) => value === '1')
  .optional();

/** Settings that put backups into a bucket of S3, or of a provider that speaks it. */
export const s3Settings = {
  /** The bucket; setting it turns S3 on. */
  S3_BUCKET: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,220}$/, 'must be the name of a bucket')
    .optional(),
  /** Default: `us-east-1`. */
  S3_REGION: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/, 'must be the name of a region, e.g. eu-central-1')
    .optional(),
  /** Address of a provider other than AWS. */
  S3_ENDPOINT: z
    .string()
    .refine(isEndpoint, 'must be a URL such as https://s3.example.org, without a user or a query')
    .optional(),
  /** What all keys begin with; a `/` is put between. Default: nothing. */
  S3_PREFIX: z
    .string()
    .refine(isPrefix, 'must be names with / between them, without . and .. and no / at the beginning')
    .optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Whether the bucket stands in the path; default: `1` with S3_ENDPOINT, else `0`. */
  S3_FORCE_PATH_STYLE: flag,
  /** The most parts that the provider takes for one object; default: 10000, as AWS. */
  S3_MAX_PARTS: z.coerce
    .number({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(2, 'must be at least 2')
    .max(10_000, 'must be at most 10000')
    .optional(),
  /** `1`: the provider wants all parts of an object but the last to be of one size. */
  S3_EQUAL_PARTS: flag,
};

type S3Set = z.infer<z.ZodObject<typeof s3Settings>>;
type StorageSet = S3Set & { HOLDFAST_STORAGE_DIR?: string | undefined };

/** What must fit together: which settings, which of them is named, and what is said. */
const rules: Array<{
  of: string[];
  path: keyof StorageSet;
  error: string;
  fits: (set: StorageSet) => boolean;
}> = [
  {
    of: ['S3_BUCKET'],
    path: 'S3_BUCKET',
    error: 'is required where another S3_ setting is set',
    fits: (set) => Boolean(set.S3_BUCKET) || !Object.keys(s3Settings).some((name) => name in set),
  },
  {
    of: ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
    path: 'S3_SECRET_ACCESS_KEY',
    error: 'is required with S3_ACCESS_KEY_ID',
    fits: (set) => !set.S3_ACCESS_KEY_ID || Boolean(set.S3_SECRET_ACCESS_KEY),
  },
  {
    of: ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
    path: 'S3_ACCESS_KEY_ID',
    error: 'is required with S3_SECRET_ACCESS_KEY',
    fits: (set) => !set.S3_SECRET_ACCESS_KEY || Boolean(set.S3_ACCESS_KEY_ID),
  },
  {
    of: ['S3_BUCKET', 'HOLDFAST_STORAGE_DIR'],
    path: 'HOLDFAST_STORAGE_DIR',
    error: 'must not be set with S3_BUCKET: backups are kept in one place',
    fits: (set) => !set.S3_BUCKET || !set.HOLDFAST_STORAGE_DIR,
  },
];

/** Makes a shape with `s3Settings` say as well what does not fit together, beside whatever else is wrong. */
export function withS3Rules<Shape extends z.ZodType<StorageSet>>(shape: Shape): Shape {
  return rules.reduce(
    (ruled, { of, path, error, fits }) =>
      ruled.refine(fits, {
        path: [path],
        error,
        // Also beside other problems, but not where one of these has a problem of its own.
        when: ({ issues }) => !issues.some((issue) => of.includes(String(issue.path?.[0]))),
      }),
    shape,
  );
}

/** Where in S3 backups are kept and how it is asked. */
export interface S3Chosen extends S3Place {
  /** Null: what the SDK’s own chain finds. */
  keys: S3Keys | null;
  forcePathStyle: boolean | undefined;
  maxParts: number;
  equalParts: boolean;
}

/** What the settings say; null where backups are not kept in S3. */
export function s3Chosen(set: S3Set): S3Chosen | null {
  if (!set.S3_BUCKET) return null;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = set;
  return {
    bucket: set.S3_BUCKET,
    prefix: set.S3_PREFIX ? `${set.S3_PREFIX.replace(/\/$/, '')}/` : '',
    endpoint: set.S3_ENDPOINT ?? null,
    region: set.S3_REGION ?? null,
    keys: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null,
    forcePathStyle: set.S3_FORCE_PATH_STYLE,
    maxParts: set.S3_MAX_PARTS ?? 10_000,
    equalParts: set.S3_EQUAL_PARTS ?? false,
  };
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !search && !hash;
}

function isPrefix(text: string): boolean {
  const names = text.replace(/\/$/, '').split('/');
  return text.length <= 500 && names.every((name) => name !== '' && name !== '.' && name !== '..');
}
