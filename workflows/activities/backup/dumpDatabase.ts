import { databaseUrlPlace, parseDatabaseUrl } from '#schema/catalogue';
import { databaseKey, tableListKey, type StepOrder, type StepResult } from '#schema/domain';
import { measureInThread } from '../../engines/media/measureInThread.js';
import { dumpInThread } from '../../engines/postgres/dumpInThread.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { inStep, type Scene } from './inStep.js';
import { mediaPlace } from '../mediaPlace.js';
import type { WorkerTools } from '../workerTools.js';

/** For how long the media are measured beforehand, only so that the progress of both is told as one. */
const measureMs = 30_000;

/** Streams a stock dump of the environment’s database into storage. */
export async function dumpDatabase(tools: WorkerTools, order: StepOrder): Promise<StepResult> {
  return inStep(tools, { ...order, step: 'database' }, async (scene) => {
    const { backup, environment, mark, signal } = scene;
    if (!environment.databaseUrlSealed) {
      throw new StepProblem(
        'DATABASE_AUTHENTICATION',
        'The environment has no database configured any more',
        {
          remedy: 'Give its address in the environment’s settings, then retry.',
        },
      );
    }
    scene.onProgress(0, null);
    const keys = {
      dump: databaseKey(backup, backup.id, mark),
      tableList: tableListKey(backup, backup.id, mark),
    };
    // Meanwhile; until it is known nobody can tell a share of the whole.
    let laterBytes: number | null = null;
    const measured = mediaBytes(tools, scene).then((bytes) => (laterBytes = bytes));
    let sourceBytes = 0;
    const dumped = await dumpInThread({
      address: parseDatabaseUrl(
        tools.secretBox.open(environment.databaseUrlSealed, databaseUrlPlace(environment.id)),
      ),
      tools: tools.postgresTools,
      allowNewerTools: tools.allowNewerTools,
      lockWaitMs: tools.lockWaitMs,
      nice: tools.nice,
      pace: tools.sourcePace,
      storage: tools.storage,
      keys,
      readBack: backup.kind === 'SAFETY',
      applicationName: `holdfast ${backup.id.slice(0, 8)} ${mark.slice(-12)}`,
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => {
        sourceBytes = totalBytes ?? sourceBytes;
        const later = laterBytes;
        scene.onProgress(doneBytes, totalBytes === null || later === null ? null : totalBytes + later);
      },
    });
    await measured;
    return {
      part: {
        content: 'DATABASE',
        key: keys.dump,
        size: dumped.size,
        sha256: dumped.sha256,
        tables: dumped.tables,
        tableList: dumped.tableList,
        compression: dumped.compression,
        serverVersion: dumped.serverVersion,
        tool: dumped.tool,
      },
      storedSize: dumped.storedSize,
      sourceBytes,
      takenAt: dumped.takenAt.toISOString(),
      warnings: dumped.warnings,
    };
  });
}

/** Bytes that the media step will add to the whole; what cannot be measured now fails in its own step. */
async function mediaBytes(tools: WorkerTools, { backup, environment, signal }: Scene): Promise<number> {
  if (!backup.contents.includes('MEDIA')) return 0;
  try {
    const { storage, stallMs } = tools;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(measureMs)]);
    return await measureInThread(await mediaPlace(tools, environment), { storage, stallMs, signal: soon });
  } catch {
    return 0;
  }
}
