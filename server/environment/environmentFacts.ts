import {
  BadDatabaseAddress,
  databaseUrlPlace,
  parseDatabaseUrl,
  sealMediaKeys,
  type DatabaseAddress,
} from '#schema/catalogue';
import { hostAddresses, mediaBucketProblem, mediaBucketsOf, resolveMediaDirectory } from '#schema/config';
import { refusals, type Refusal } from '#schema/domain';
import type { Environment } from '#schema/entities';
import type { Tools } from '../graph/context.js';
import type { MediaSourceInput, S3SourceInput } from './environmentInputs.js';
import { readS3Source } from './s3Source.js';

/** Longest database address, in characters. */
const longestAddress = 2_000;

/** What is wrong with a database address as written; none where it can be tried. */
export async function databaseRefusals(
  tools: Tools,
  databaseUrl: string | null | undefined,
): Promise<Refusal[]> {
  const field = ['input', 'databaseUrl'];
  if (databaseUrl == null) return [];
  if (databaseUrl.length > longestAddress) {
    return [refusals.invalid(field, `Use at most ${longestAddress} characters.`)];
  }
  try {
    const address = parseDatabaseUrl(databaseUrl);
    return (await isCatalogue(tools, address))
      ? [
          refusals.invalid(
            field,
            'This is Holdfast’s own catalogue: give the address of the project’s database.',
          ),
        ]
      : [];
  } catch (error: unknown) {
    if (error instanceof BadDatabaseAddress) return [refusals.invalid(field, error.message)];
    throw error;
  }
}

/** Compares what the names stand for: a host has many spellings. The worker looks again, inside the database. */
async function isCatalogue({ settings }: Tools, address: DatabaseAddress): Promise<boolean> {
  const own = parseDatabaseUrl(settings.DATABASE_URL);
  if (own.port !== address.port || own.database !== address.database) return false;
  const [ours, theirs] = await Promise.all([hostAddresses(own.host), hostAddresses(address.host)]);
  return theirs.some((each) => ours.includes(each));
}

/** What is wrong with a media source; none where it can be tried. */
export async function mediaRefusals(
  tools: Tools,
  media: MediaSourceInput | null | undefined,
): Promise<Refusal[]> {
  if (media == null) return [];
  const { directory, s3 } = chosen(media);
  if (directory && !s3) return folderRefusals(tools, directory);
  if (s3 && !directory) return bucketRefusals(tools, s3);
  const remedy = 'Give either the media folder’s path in `directory` or a bucket in `s3`, not both.';
  return [refusals.invalid(['input', 'media'], remedy)];
}

/** Links are resolved first, so that none leads out of the allowed folders. */
async function folderRefusals(tools: Tools, directory: string): Promise<Refusal[]> {
  const { HOLDFAST_DATA: data, HOLDFAST_MEDIA_ROOTS: roots, HOLDFAST_DEMO_MEDIA: demo } = tools.settings;
  const { problem } = await resolveMediaDirectory(directory, { data, roots, demo });
  return problem ? [refusals.invalid(['input', 'media', 'directory'], problem)] : [];
}

async function bucketRefusals(tools: Tools, s3: S3SourceInput): Promise<Refusal[]> {
  const invalid = (field: string, problem: string) =>
    refusals.invalid(['input', 'media', 's3', field], problem);
  const { place, problems } = readS3Source(s3);
  if (problems.length > 0) return problems.map(({ field, problem }) => invalid(field, problem));
  const refused = await mediaBucketProblem(place, mediaBucketsOf(tools.settings));
  return refused ? [invalid(refused.field, refused.problem)] : [];
}

/** Where media lie, as the catalogue keeps it: the whole of it, so that no key outlives its bucket. */
export function mediaColumns(
  tools: Tools,
  environmentId: string,
  media: MediaSourceInput | null | undefined,
): Pick<Environment, 'mediaDirectory' | 'mediaS3' | 'mediaS3KeysSealed'> {
  const { directory, s3 } = chosen(media ?? {});
  if (!s3) return { mediaDirectory: directory ?? null, mediaS3: null, mediaS3KeysSealed: null };
  const { place, keys } = readS3Source(s3);
  const sealed = keys && sealMediaKeys(tools.secretBox, environmentId, keys);
  return { mediaDirectory: null, mediaS3: place, mediaS3KeysSealed: sealed };
}

function chosen({ directory, s3 }: MediaSourceInput) {
  return { directory: directory?.trim() || null, s3: s3 ?? null };
}

/** Seals a database address for its environment. */
export function sealDatabaseUrl(tools: Tools, environmentId: string, databaseUrl: string): string {
  return tools.secretBox.seal(databaseUrl.trim(), databaseUrlPlace(environmentId));
}
