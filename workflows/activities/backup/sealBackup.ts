import { ApplicationFailure } from '@temporalio/common';
import { In } from 'typeorm';
import {
  backupDocumentKey,
  inputGoneFailure,
  type BackupDocument,
  type CreateBackupOutcome,
  type PartDocument,
  type SealOrder,
} from '#schema/domain';
import { Backup, BackupPart, Pack, Project } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import { atOnce } from '../atOnce.js';
import { runOfThisActivity } from '../attemptStep.js';
import { holdPacks } from './holdPacks.js';
import { inStep, type Scene } from './inStep.js';
import { reportProgress } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import { keysOf, keysOfPack, removeLeftovers } from './storedObjects.js';
import type { WorkerTools } from '../workerTools.js';

/** Writes `backup.json` last: its presence is the proof of completeness. Then the row becomes SUCCEEDED. */
export async function sealBackup(tools: WorkerTools, order: SealOrder): Promise<CreateBackupOutcome> {
  const backups = tools.catalogue.getRepository(Backup);
  const row = await onceCatalogueAnswers(() => backups.findOneBy({ id: order.backupId }));
  if (row?.status === 'SUCCEEDED') return { backupId: row.id, status: 'SUCCEEDED', totalSize: row.totalSize };
  return inStep(tools, { backupId: order.backupId, step: 'seal', attempt: 1 }, async (scene) => {
    const sourceBytes = order.results.reduce((sum, result) => sum + result.sourceBytes, 0);
    scene.onProgress(sourceBytes, sourceBytes);
    const document = await unlessStorageHangs(tools.storage, tools.stallMs, (storage) =>
      seal({ ...tools, storage }, scene, order),
    );
    return record(tools, document, order);
  });
}

async function seal(tools: WorkerTools, scene: Scene, order: SealOrder): Promise<BackupDocument> {
  const parts = order.results.map(({ part }) => part);
  await requireStored(tools, scene, parts);
  await removeLeftovers(tools.catalogue, tools.storage, scene.backup, parts);
  const document = await describe(tools, scene, order);
  const bytes = Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
  const { id } = scene.backup;
  // The last look: whoever was given up in the meantime must not make a backup whole that was cleaned up.
  if (
    (await reportProgress(tools.catalogue, { table: 'backups', id }, runOfThisActivity(), null)) ===
    'taken over'
  ) {
    throw takenOver();
  }
  await tools.storage.seal(backupDocumentKey(scene.backup, id), bytes);
  return document;
}

/** What earlier steps made must still be there: clean-up after an earlier run’s failure may have removed it. */
async function requireStored(tools: WorkerTools, { backup }: Scene, parts: PartDocument[]): Promise<void> {
  const packs = packsOf(parts);
  const held = new Set((await holdPacks(tools, backup, packs)).map(({ id }) => id));
  const lost = packs.filter((id) => !held.has(id));
  if (lost.length > 0) throw inputGone(`pack ${lost[0]}`);
  const ofPacks = new Set(packs.flatMap((id) => keysOfPack(backup, id)));
  await atOnce(
    keysOf(backup, parts).filter((key) => !ofPacks.has(key)),
    async (key) => {
      if ((await tools.storage.stat(key)) === null) throw inputGone(`object ${key}`);
    },
  );
  for (const part of parts) {
    if (part.content !== 'DATABASE') continue;
    const stored = await tools.storage.stat(part.key);
    if (stored?.size !== part.size) {
      throw new StepProblem('BACKUP_DAMAGED', `The stored dump has ${stored?.size} bytes, not ${part.size}`);
    }
  }
}

function takenOver(): StepProblem {
  return new StepProblem('INTERNAL', 'Another run has taken this backup over');
}

function inputGone(what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`The stored ${what} is gone.`, inputGoneFailure);
}

function packsOf(parts: PartDocument[]): string[] {
  return parts.flatMap((part) => (part.content === 'MEDIA' ? part.packs : []));
}

async function describe(
  tools: WorkerTools,
  { backup, environment }: Scene,
  { results }: SealOrder,
): Promise<BackupDocument> {
  const project = await tools.catalogue.getRepository(Project).findOneByOrFail({ id: backup.projectId });
  const first = results.find(({ part }) => part.content === 'DATABASE') ?? results[0];
  if (!first) throw new Error('A backup without parts cannot be sealed.');
  return {
    format: 'holdfast-backup',
    version: 1,
    id: backup.id,
    kind: backup.kind,
    project: { id: project.id, slug: project.slug, name: project.name },
    environment: {
      id: environment.id,
      slug: environment.slug,
      name: environment.name,
      stage: environment.stage,
    },
    contents: backup.contents,
    note: backup.note,
    gitCommit: backup.gitCommit,
    takenAt: first.takenAt,
    createdAt: backup.createdAt.toISOString(),
    sealedAt: new Date().toISOString(),
    parts: results.map(({ part }) => part),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

async function record(
  tools: WorkerTools,
  document: BackupDocument,
  order: SealOrder,
): Promise<CreateBackupOutcome> {
  const totalSize = document.parts.reduce((sum, { size }) => sum + size, 0);
  await tools.catalogue.transaction(async (manager) => {
    const { affected } = await manager
      .createQueryBuilder()
      .update(Backup)
      .set({
        status: 'SUCCEEDED',
        takenAt: new Date(document.takenAt),
        totalSize,
        storedSize: order.results.reduce((sum, result) => sum + result.storedSize, 0),
        warnings: document.warnings,
        finishedAt: () => 'clock_timestamp()',
        progress: {
          fraction: 1,
          secondsLeft: 0,
          doneBytes: () => 'COALESCE(progress_total_bytes, progress_done_bytes)',
        },
      })
      .where(`id = :id AND run_id = :run AND status = 'RUNNING' AND progress_phase <> 'cleaning'`, {
        id: document.id,
        run: runOfThisActivity(),
      })
      .execute();
    if (affected !== 1) throw takenOver();
    await manager.getRepository(BackupPart).insert(document.parts.map((part) => toRow(document.id, part)));
    // That it needs its packs is noted already.
    await manager
      .getRepository(Pack)
      .update(
        { id: In(packsOf(document.parts)), writingBackupId: document.id },
        { writingBackupId: null, listSha256: null },
      );
  });
  return { backupId: document.id, status: 'SUCCEEDED', totalSize };
}

function toRow(backupId: string, part: PartDocument) {
  return {
    backupId,
    content: part.content,
    size: part.size,
    sha256: part.sha256,
    itemCount: part.content === 'DATABASE' ? part.tables : part.files,
    serverVersion: part.content === 'DATABASE' ? part.serverVersion : null,
    document: part,
  };
}
