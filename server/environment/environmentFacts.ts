import { realpath } from 'node:fs/promises';
import {
  BadDatabaseAddress,
  databaseUrlPlace,
  parseDatabaseUrl,
  type DatabaseAddress,
} from '#schema/catalogue';
import { mediaDirectoryProblem } from '#schema/config';
import { nameProblem, refusals, slugProblem, type Refusal } from '#schema/domain';
import type { Tools } from '../graph/context.js';
import type { MediaSourceInput } from './environmentInputs.js';

/** What is wrong with a name; none where it is fine. */
export function nameRefusals(name: string): Refusal[] {
  const problem = nameProblem(name);
  return problem ? [refusals.invalid(['input', 'name'], problem)] : [];
}

/** What is wrong with a slug; none where it is fine. */
export function slugRefusals(slug: string): Refusal[] {
  const problem = slugProblem(slug);
  return problem ? [refusals.invalid(['input', 'slug'], problem)] : [];
}

/** What is wrong with a database address as written; none where it can be tried. */
export function databaseRefusals(tools: Tools, databaseUrl: string | null | undefined): Refusal[] {
  const field = ['input', 'databaseUrl'];
  if (databaseUrl == null) return [];
  try {
    const address = parseDatabaseUrl(databaseUrl);
    return isCatalogue(tools, address)
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

function isCatalogue({ settings }: Tools, address: DatabaseAddress): boolean {
  const own = parseDatabaseUrl(settings.DATABASE_URL);
  const loopback = (host: string) => (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host) ? 'loopback' : host);
  return (
    loopback(own.host) === loopback(address.host) &&
    own.port === address.port &&
    own.database === address.database
  );
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
  const problem =
    mediaDirectoryProblem(directory, allowed) ??
    mediaDirectoryProblem(await realpath(directory).catch(() => directory), allowed);
  return problem ? [refusals.invalid(['input', 'media', 'directory'], problem)] : [];
}

/** Seals a database address for its environment. */
export function sealDatabaseUrl(tools: Tools, environmentId: string, databaseUrl: string): string {
  return tools.secretBox.seal(databaseUrl.trim(), databaseUrlPlace(environmentId));
}
