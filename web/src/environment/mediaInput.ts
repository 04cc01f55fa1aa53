import { ref, type Ref } from 'vue';

/** What a bucket is reached by, in the order in which it is asked. */
export const bucketFields = [
  { name: 'bucket', label: 'Bucket', optional: false, hint: '', placeholder: 'shop-media' },
  {
    name: 'prefix',
    label: 'Prefix',
    optional: true,
    hint: 'A folder in the bucket. Without one: all of it.',
    placeholder: 'uploads/',
  },
  {
    name: 'endpoint',
    label: 'Endpoint',
    optional: true,
    hint: 'Of a provider other than AWS.',
    placeholder: 'https://s3.example.org',
  },
  { name: 'region', label: 'Region', optional: true, hint: '', placeholder: 'us-east-1' },
  {
    name: 'accessKeyId',
    label: 'Access key ID',
    optional: true,
    hint: 'Without keys the bucket is asked as anybody may.',
    placeholder: '',
  },
  {
    name: 'secretAccessKey',
    label: 'Secret access key',
    optional: true,
    hint: 'Kept encrypted and never shown again.',
    placeholder: '',
  },
] as const;

/** A field of a bucket. */
export type BucketField = (typeof bucketFields)[number]['name'];

/** Where media lie, as a person types it. */
export interface MediaInput {
  place: 'FOLDER' | 'BUCKET';
  directory: string;
  bucket: Record<BucketField, string>;
  /** Whether a restore keeps the folder itself and moves what is in it. */
  keepFolder: boolean;
  /** Whether the media are taken away. */
  gone: boolean;
}

/** An input in which nothing has been typed. `keepFolder`: what is set now. */
export function useMediaInput(keepFolder: boolean): Ref<MediaInput> {
  const bucket = { bucket: '', prefix: '', endpoint: '', region: '', accessKeyId: '', secretAccessKey: '' };
  return ref({ place: 'FOLDER', directory: '', bucket, keepFolder, gone: false });
}

/** What is sent of it: nothing where nothing was typed, so that what is there stays. */
export function mediaSent({ place, directory, bucket, gone }: MediaInput) {
  if (gone) return { media: null };
  if (place === 'FOLDER') {
    const folder = directory.trim();
    return folder ? { media: { directory: folder } } : {};
  }
  const given = Object.entries(bucket).flatMap(([name, text]) => (text.trim() ? [[name, text.trim()]] : []));
  if (given.length === 0) return {};
  return { media: { s3: { bucket: '', ...(Object.fromEntries(given) as Partial<MediaInput['bucket']>) } } };
}
