import { ApplicationFailure } from '@temporalio/common';
import { alreadySealedFailure, downloadFileName, type Content, type DownloadStepOrder } from '#schema/domain';
import type { Download } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { attemptStep, canceledByPerson } from '../attemptStep.js';
import { beginAttempt, enterPhase, type JobRow } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { claimDownloadRow } from './downloadRow.js';
import { downloadSourceOf, type DownloadSource } from './downloadSource.js';

/** The steps of a download, in their order. */
const downloadSteps = ['database', 'media', 'record'] as const;
type DownloadStepName = (typeof downloadSteps)[number];

/** What a step of a download works with. */
export interface DownloadScene {
  download: Download;
  /** What it is made of. */
  source: DownloadSource;
  runId: string;
  /** `<run>-<attempt>`: what tells this attempt’s objects from others’. */
  mark: string;
  signal: AbortSignal;
  /** Under which name a content is saved. */
  nameOf: (content: Content) => string;
  /** How much of this step is done, 0 to 1. */
  onShare: (share: number) => void;
}

/** Runs one attempt of a download’s step with its row held. */
export async function inDownloadStep<Result>(
  tools: WorkerTools,
  { downloadId, attempt }: Omit<DownloadStepOrder, 'claimedIn'>,
  step: DownloadStepName,
  work: (scene: DownloadScene) => Promise<Result>,
): Promise<Result> {
  const row: JobRow = { table: 'downloads', id: downloadId };
  const begin = async (runId: string) => {
    const claimed = await onceCatalogueAnswers(() => claimDownloadRow(tools.catalogue, downloadId, runId));
    if (!claimed) throw new StepProblem('INTERNAL', 'The download’s record was deleted');
    if (claimed.done)
      throw ApplicationFailure.nonRetryable('This download is prepared already', alreadySealedFailure);
    if (claimed.canceled) throw canceledByPerson();
    if (attempt > 1) await beginAttempt(tools.catalogue, row, runId, step);
    else await enterPhase(tools.catalogue, row, runId, step);
    return { ...claimed, source: await downloadSourceOf(tools.catalogue, claimed.download), runId };
  };
  return attemptStep(
    tools,
    { row, step, attempt },
    begin,
    ({ download, project, environment, source, runId }, { signal, onProgress }) => {
      const { beforeBytes, stepBytes, totalBytes } = shareOf(step, source);
      const onShare = (share: number) => {
        const within = Math.min(1, Math.max(0, share)) * stepBytes;
        onProgress(Math.floor(beforeBytes + within), totalBytes);
      };
      onShare(0);
      const slugs = { project: project.slug, environment: environment.slug };
      return work({
        download,
        source,
        runId,
        mark: `${runId}-${attempt}`,
        signal,
        nameOf: (content) => downloadFileName(content, slugs, source.takenAt),
        onShare,
      });
    },
  );
}

/** Where a step stands in the whole, in bytes of what was asked for. */
function shareOf(step: DownloadStepName, { database, media }: DownloadSource) {
  const bytes: Record<DownloadStepName, number> = {
    database: database?.size ?? 0,
    media: media?.size ?? 0,
    record: 0,
  };
  const before = downloadSteps.slice(0, downloadSteps.indexOf(step));
  const sum = (steps: readonly DownloadStepName[]) => steps.reduce((total, each) => total + bytes[each], 0);
  return { beforeBytes: sum(before), stepBytes: bytes[step], totalBytes: sum(downloadSteps) };
}
