import {
  BadDatabaseAddress,
  databaseUrlPlace,
  parseDatabaseUrl,
  sealMediaKeys,
  type DatabaseAddress,
} from '#schema/catalogue';
import {
  hostAddresses,
  mediaBucketProblem,
  mediaBucketsOf,
  notOwnFolder,
  resolveMediaDirectory,
} from '#schema/config';
import { isSameS3Place, refusals, type Refusal } from '#schema/domain';
import type { Environment } from '#schema/entities';
import type { Context, Tools } from '../graph/context.js';
import type { MediaSourceInput, S3SourceInput } from './environmentInputs.js';
import { isOthersBucket, isOthersFolder } from './othersMedia.js';
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

/** What is wrong with a project’s media source; none where it can be tried. */
export async function mediaRefusals(
  context: Context,
  projectId: string,
  media: MediaSourceInput | null | undefined,
): Promise<Refusal[]> {
  if (media == null) return [];
  const { directory, s3 } = chosen(media);
  if (directory && !s3) return folderRefusals(context, projectId, directory);
  if (s3 && !directory) return bucketRefusals(context, projectId, s3);
  const choice = 'Give either the media folder’s path in `directory` or a bucket in `s3`';
  const remedy = s3 ? `${choice}, not both.` : `${choice}; for no media, give null in place of \`media\`.`;
  return [refusals.invalid(['input', 'media'], remedy)];
}

/** Links are resolved first, so that none leads out of the allowed folders. */
async function folderRefusals(context: Context, projectId: string, directory: string): Promise<Refusal[]> {
  const { settings } = context.tools;
  const { HOLDFAST_DATA: data, HOLDFAST_MEDIA_ROOTS: roots, HOLDFAST_DEMO_MEDIA: demo } = settings;
  const allowed = { data, roots, demo };
  const invalid = (problem: string) => [refusals.invalid(['input', 'media', 'directory'], problem)];
  const { problem } = await resolveMediaDirectory(directory, allowed);
  if (problem) return invalid(problem);
  return (await isOthersFolder(context, projectId, directory)) ? invalid(notOwnFolder(allowed)) : [];
}

async function bucketRefusals(context: Context, projectId: string, s3: S3SourceInput): Promise<Refusal[]> {
  const invalid = (field: string, problem: string) =>
    refusals.invalid(['input', 'media', 's3', field], problem);
  const { place, keys, problems } = readS3Source(s3);
  if (problems.length > 0) return problems.map(({ field, problem }) => invalid(field, problem));
  const refused = await mediaBucketProblem(place, mediaBucketsOf(context.tools.settings));
  if (refused) return [invalid(refused.field, refused.problem)];
  // Whoever has keys of their own may read there anyway.
  if (keys || !(await isOthersBucket(context, projectId, place))) return [];
  return [invalid('accessKeyId', 'Holdfast’s own keys do not serve this project there: give an access key.')];
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

/** Whether media would lie elsewhere: other keys to the same bucket move nothing. */
export function movesMedia(
  { mediaS3 }: Pick<Environment, 'mediaS3'>,
  media: MediaSourceInput | null | undefined,
): boolean {
  if (media === undefined) return false;
  const { s3 } = chosen(media ?? {});
  return !s3 || !mediaS3 || !isSameS3Place(mediaS3, readS3Source(s3).place);
}

function chosen({ directory, s3 }: MediaSourceInput) {
  return { directory: directory?.trim() || null, s3: s3 ?? null };
}

/** Seals a database address for its environment. */
export function sealDatabaseUrl(tools: Tools, environmentId: string, databaseUrl: string): string {
  return tools.secretBox.seal(databaseUrl.trim(), databaseUrlPlace(environmentId));
}
