import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { toJson } from './historyFile.js';

/**
 * Waits until a workflow’s newest run has ended and `isRecorded` says that the job’s row knows of that run, then writes
 * its history as `<name>.json`.
 */
export async function keepHistory(
  temporal: Temporal,
  name: string,
  workflow: string,
  isRecorded: (runId: string) => Promise<boolean>,
): Promise<void> {
  await until(`${name} has ended`, 60_000, async () => {
    const newest = await temporal.look(workflow).catch(() => null);
    return newest !== null && newest.status !== 'RUNNING' && isRecorded(newest.runId);
  });
  const { runId } = await temporal.look(workflow);
  const events = await temporal.history(workflow, runId);
  const start = events[0]?.workflowExecutionStartedEventAttributes;
  // A replay takes the run’s id from there.
  if (start) start.originalExecutionRunId = runId;
  await writeFile(fileURLToPath(new URL(`./${name}.json`, import.meta.url)), toJson({ events }));
}
