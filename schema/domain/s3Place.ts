/** Where in S3 something lies; keys to it are kept apart, sealed. */
export interface S3Place {
  bucket: string;
  /** What the keys begin with: empty, or ends in `/`. */
  prefix: string;
  /** Address of a provider other than AWS; null: AWS itself. */
  endpoint: string | null;
  region: string | null;
}

/** Keys to a bucket. A secret: sealed at rest, in no answer, log or history. */
export interface S3Keys {
  accessKeyId: string;
  secretAccessKey: string;
}
