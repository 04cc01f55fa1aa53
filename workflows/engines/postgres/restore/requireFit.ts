import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import type { Destination } from './destination.js';
import { judgeArchive } from './judgeArchive.js';
import { surveyServer } from './surveyDestination.js';
import type { ArchiveFacts } from './readArchive.js';

/** Looks at the server once more and throws where the dump cannot be restored there; answers with what to know. */
export async function requireFit(
  client: Client,
  address: DatabaseAddress,
  dump: ArchiveFacts,
): Promise<{ there: Destination; warnings: Finding[] }> {
  const there = await surveyServer(client, address.database);
  const { blockers, warnings } = judgeArchive(there, dump);
  const [blocker] = blockers;
  if (!blocker) return { there, warnings };
  const isVersion = blocker.code === 'DATABASE_VERSION';
  throw new StepProblem(
    isVersion ? 'DATABASE_VERSION' : 'DATABASE_RESTORE_FAILED',
    blocker.message.replace(/\.$/, ''),
    {
      remedy: isVersion
        ? 'Choose a destination whose server is new enough, or upgrade it, then retry.'
        : 'Install it on the destination’s server, or use a role that may create it, then retry.',
    },
  );
}
