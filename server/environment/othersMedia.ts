import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { IsNull, Not } from 'typeorm';
import { bucketsOverlap, mayUseOwnCredentials, mediaBucketsOf } from '#schema/config';
import { mayDo, type S3Place } from '#schema/domain';
import { Environment } from '#schema/entities';
import type { Context } from '../graph/context.js';

/**
 * Whether a folder equals, holds or lies in one that another project’s environment has as its media. Whoever changes
 * environments there too may share it: everybody else would read by a project of their own what they may not see.
 */
export async function isOthersFolder(
  context: Context,
  projectId: string,
  directory: string,
): Promise<boolean> {
  const wanted = await resolved(directory);
  return isOthers(context, projectId, async ({ mediaDirectory }) => {
    if (mediaDirectory === null) return false;
    const theirs = await resolved(mediaDirectory);
    return liesIn(wanted, theirs) || liesIn(theirs, wanted);
  });
}

/** The same for a place in S3 that would be read with the worker’s own credentials. */
export async function isOthersBucket(context: Context, projectId: string, place: S3Place): Promise<boolean> {
  if (!mayUseOwnCredentials(place, mediaBucketsOf(context.tools.settings))) return false;
  return isOthers(
    context,
    projectId,
    async ({ mediaS3 }) => mediaS3 !== null && bucketsOverlap(place, mediaS3),
  );
}

async function isOthers(
  context: Context,
  projectId: string,
  isThere: (environment: Environment) => Promise<boolean>,
): Promise<boolean> {
  const others = await context.catalogue
    .getRepository(Environment)
    .findBy({ projectId: Not(projectId), deletedAt: IsNull() });
  const found = await Promise.all(
    others.map(
      async (environment) =>
        (await isThere(environment)) &&
        !mayDo(await context.access.standing(environment.projectId), 'updateEnvironment'),
    ),
  );
  return found.includes(true);
}

/** With links resolved as far down as there is something: what is not there yet may come. */
async function resolved(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  return realpath(folder).catch(async () =>
    parent === folder ? folder : path.join(await resolved(parent), path.basename(folder)),
  );
}

function liesIn(inner: string, outer: string): boolean {
  return path.join(inner, '/').startsWith(path.join(outer, '/'));
}
