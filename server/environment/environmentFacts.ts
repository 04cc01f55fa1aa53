import { hostAddresses } from './hostAddresses.js';
import {
  BadDatabaseAddress,
  databaseUrlPlace,
  parseDatabaseUrl,
  type DatabaseAddress,
} from '#schema/catalogue';
import { resolveMediaDirectory } from '#schema/config';
import { refusals, type Refusal } from '#schema/domain';
import type { Tools } from '../graph/context.js';
import type { MediaSourceInput } from './environmentInputs.js';

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

/** What is wrong with a media source; links are resolved first, so that none leads out of the allowed folders. */
export async function mediaRefusals(
  tools: Tools,
  media: MediaSourceInput | null | undefined,
): Promise<Refusal[]> {
  if (media == null) return [];
  const directory = media.directory?.trim();
  if (!directory)
    return [refusals.invalid(['input', 'media'], 'Give the media folder’s path in `directory`.')];
  const { HOLDFAST_DATA: data, HOLDFAST_MEDIA_ROOTS: roots, HOLDFAST_DEMO_MEDIA: demo } = tools.settings;
  const allowed = { data, roots, demo };
  const { problem } = await resolveMediaDirectory(directory, allowed);
  return problem ? [refusals.invalid(['input', 'media', 'directory'], problem)] : [];
}

/** Seals a database address for its environment. */
export function sealDatabaseUrl(tools: Tools, environmentId: string, databaseUrl: string): string {
  return tools.secretBox.seal(databaseUrl.trim(), databaseUrlPlace(environmentId));
}
