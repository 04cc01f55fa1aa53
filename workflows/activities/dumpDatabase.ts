import { databaseUrlPlace, parseDatabaseUrl } from '#schema/catalogue';
import { databaseKey, type StepOrder, type StepResult } from '#schema/domain';
import { dumpDatabase as dump } from '../engines/postgres/dump.js';
import { StepProblem } from '../engines/stepProblem.js';
import { inStep, type Scene } from './inStep.js';
import { mediaSource } from './mediaSource.js';
import type { WorkerTools } from './workerTools.js';

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
    const key = databaseKey(backup, backup.id, mark);
    const laterBytes = await mediaBytes(tools, scene);
    let sourceBytes = 0;
    const dumped = await dump({
      address: parseDatabaseUrl(
        tools.secretBox.open(environment.databaseUrlSealed, databaseUrlPlace(environment.id)),
      ),
      tools: tools.postgresTools,
      storage: tools.storage,
      key,
      applicationName: `holdfast ${backup.id.slice(0, 8)} ${mark.slice(-12)}`,
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => {
        sourceBytes = totalBytes ?? sourceBytes;
        scene.onProgress(doneBytes, totalBytes === null ? null : totalBytes + laterBytes);
      },
    });
    return {
      part: {
        content: 'DATABASE',
        key,
        size: dumped.size,
        sha256: dumped.sha256,
        tables: dumped.tables,
        rows: dumped.rows,
        serverVersion: dumped.serverVersion,
        tool: dumped.tool,
      },
      storedSize: dumped.size,
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
    const soon = AbortSignal.any([signal, AbortSignal.timeout(measureMs)]);
    const source = await mediaSource(tools, environment);
    const media = await source.open({ signal: soon, onStep: () => undefined });
    media.close();
    return media.bytes;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}
