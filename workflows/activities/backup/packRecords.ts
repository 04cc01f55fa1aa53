import { Backup, BackupPart, Pack } from '#schema/entities';
import type { OwnPack } from '../../engines/media/copyMediaOrder.js';
import type { FinishedPack } from '../../engines/media/packWriter.js';
import type { PreviousScan } from '../../engines/media/scan/earlierFiles.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { atOnce } from '../atOnce.js';
import { holdPacks, type HeldPack } from './holdPacks.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import { keysOfPack } from './storedObjects.js';
import type { WorkerTools } from '../workerTools.js';

const hashBytes = 32;
const hashesAtOnce = 4_000;

/** What the catalogue knows of an environment’s packs, as the copy of its media asks and tells. */
export class PackRecords {
  /** Packs that were made sure of, and whether they are there. */
  private readonly looked = new Map<string, boolean>();

  constructor(
    private readonly tools: Pick<WorkerTools, 'catalogue' | 'storage' | 'log'>,
    private readonly backup: Backup,
  ) {}

  /** Packs that earlier attempts completed, in the order of their making. What was cut off goes from storage. */
  async own(): Promise<OwnPack[]> {
    const { catalogue, storage } = this.tools;
    const rows = await onceCatalogueAnswers(() =>
      catalogue.getRepository(Pack).find({
        where: { writingBackupId: this.backup.id },
        order: { createdAt: 'ASC' },
      }),
    );
    const cutOff = rows.filter(({ storedSize }) => storedSize === null);
    // Their rows stay until the end: whoever is still writing them leaves nothing unexplained.
    await atOnce(
      cutOff.flatMap(({ id }) => keysOfPack(this.backup, id)),
      (key) => storage.remove(key),
    );
    const held = new Map((await this.hold(rows.map(({ id }) => id))).map((pack) => [pack.id, pack]));
    return rows.flatMap(({ id, listSha256 }) => {
      const pack = held.get(id);
      return pack ? [{ ...pack, listSha256 }] : [];
    });
  }

  /** What the environment’s newest sealed backup saw of its media; null where there is none that says so. */
  async previous(): Promise<PreviousScan | null> {
    const part = await onceCatalogueAnswers(() =>
      this.tools.catalogue
        .getRepository(BackupPart)
        .createQueryBuilder('part')
        .innerJoin(Backup, 'backup', 'backup.id = part.backupId')
        .where(`backup.environmentId = :environment AND backup.status = 'SUCCEEDED'`, {
          environment: this.backup.environmentId,
        })
        .andWhere(`part.content = 'MEDIA'`)
        .orderBy('backup.takenAt', 'DESC')
        .limit(1)
        .getOne(),
    );
    if (part?.document.content !== 'MEDIA' || !part.document.scan) return null;
    const { scan, size, packs } = part.document;
    return { ...scan, bytes: size, packs: (await this.hold(packs)).map(({ id }) => id) };
  }

  /** Whether any content of the environment is held by a pack. */
  async knowsAny(): Promise<boolean> {
    const sql = 'SELECT EXISTS (SELECT FROM pack_contents WHERE environment_id = $1) AS any';
    const [row] = await this.ask<{ any: boolean }>(sql, [this.backup.environmentId]);
    return row?.any ?? false;
  }

  /** Which of these contents (hex) are held, and by which pack. */
  async known(sha256: string[]): Promise<Map<string, string>> {
    const found = await this.ask<{ sha256: string; pack: string }>(knownSql, [
      this.backup.environmentId,
      Buffer.from(sha256.join(''), 'hex'),
      this.backup.id,
    ]);
    const fresh = new Set(found.map(({ pack }) => pack).filter((pack) => !this.looked.has(pack)));
    await this.hold([...fresh]);
    return new Map(found.flatMap((each) => (this.looked.get(each.pack) ? [[each.sha256, each.pack]] : [])));
  }

  /** The catalogue knows a pack before storage does, so that no object is ever unexplained. */
  async begun(id: string): Promise<void> {
    const begun = await this.ask(beginSql, [id, this.backup.environmentId, this.backup.id]);
    if (begun.length === 0) throw takenOver();
  }

  /** Notes that a pack is whole, and what it holds. */
  async done({ id, size, indexSize, hashes, listSha256 }: FinishedPack): Promise<void> {
    await onceCatalogueAnswers(() =>
      this.tools.catalogue.transaction(async (manager) => {
        const { affected } = await manager
          .getRepository(Pack)
          .update({ id, writingBackupId: this.backup.id }, { storedSize: size, indexSize, listSha256 });
        if (affected !== 1) throw takenOver();
        for (let from = 0; from < hashes.length; from += hashBytes * hashesAtOnce) {
          const some = hashes.subarray(from, from + hashBytes * hashesAtOnce);
          await manager.query(holdsSql, [this.backup.environmentId, some, id]);
        }
      }),
    );
  }

  private async hold(ids: string[]): Promise<HeldPack[]> {
    const held = await holdPacks(this.tools, this.backup, ids);
    for (const id of ids) this.looked.set(id, false);
    for (const { id } of held) this.looked.set(id, true);
    return held;
  }

  private ask<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return onceCatalogueAnswers(() => this.tools.catalogue.query(sql, values) as Promise<Row[]>);
  }
}

function takenOver(): StepProblem {
  return new StepProblem('INTERNAL', 'Another run has taken this backup over');
}

const beginSql = `
  INSERT INTO packs (id, environment_id, writing_backup_id)
  SELECT $1, $2, id FROM backups WHERE id = $3 AND status = 'RUNNING' AND progress_phase <> 'cleaning'
  ON CONFLICT (id) DO UPDATE SET id = excluded.id
  RETURNING id`;

// Many hashes travel as the bytes of one value.
const hashesOf = (value: string) =>
  `(SELECT substring(${value}::bytea FROM place FOR 32) AS sha256
    FROM generate_series(1, octet_length(${value}::bytea), 32) AS place) AS hashes`;

const knownSql = `
  SELECT encode(contents.sha256, 'hex') AS sha256, packs.id AS pack
  FROM ${hashesOf('$2')}
  JOIN pack_contents AS contents ON contents.environment_id = $1 AND contents.sha256 = hashes.sha256
  JOIN packs ON packs.id = contents.pack_id
    AND (packs.writing_backup_id IS NULL OR packs.writing_backup_id = $3)`;

const holdsSql = `
  INSERT INTO pack_contents (environment_id, sha256, pack_id)
  SELECT $1, sha256, $3 FROM ${hashesOf('$2')}
  ON CONFLICT DO NOTHING`;
