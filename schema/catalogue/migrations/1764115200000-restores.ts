import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
CREATE TABLE "restores" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "project_id" uuid NOT NULL,
  "environment_id" uuid NOT NULL,
  "status" text NOT NULL DEFAULT 'QUEUED',
  "failure" jsonb,
  "requested_by_id" uuid,
  "created_at" timestamptz(3) NOT NULL DEFAULT now(),
  "updated_at" timestamptz(3) NOT NULL DEFAULT now(),
  "started_at" timestamptz,
  "finished_at" timestamptz,
  "run_id" text,
  "cancel_requested_at" timestamptz,
  "retry_requested_at" timestamptz,
  "source_backup_id" uuid,
  "source_description" text NOT NULL,
  "contents" text array NOT NULL,
  "way" text NOT NULL DEFAULT 'BACKUP',
  "wants_safety_backup" boolean NOT NULL DEFAULT true,
  "safety_backup_id" uuid,
  "undoes_id" uuid,
  "journal" jsonb,
  "switched_at" timestamptz,
  "undo_until" timestamptz,
  "replaced_dropped_at" timestamptz,
  "cleaned_at" timestamptz,
  "warnings" jsonb NOT NULL DEFAULT '[]',
  "progress_attempt" integer NOT NULL DEFAULT '1',
  "progress_phase" text NOT NULL DEFAULT 'queued',
  "progress_fraction" double precision,
  "progress_done_bytes" bigint NOT NULL DEFAULT '0',
  "progress_total_bytes" bigint,
  "progress_bytes_per_second" bigint,
  "progress_seconds_left" integer,
  "progress_sequence" bigint NOT NULL DEFAULT '1',
  CONSTRAINT "restores_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "restores_of_project" ON "restores" ("project_id", "created_at", "id");
CREATE INDEX "restores_changed" ON "restores" ("updated_at", "id");
CREATE INDEX "restores_changed_in_project" ON "restores" ("project_id", "updated_at", "id");
CREATE UNIQUE INDEX "restores_one_per_destination" ON "restores" ("environment_id") WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX "restores_of_environment" ON "restores" ("environment_id", "switched_at");
CREATE INDEX "restores_replaced" ON "restores" ("undo_until") WHERE undo_until IS NOT NULL AND replaced_dropped_at IS NULL;
CREATE INDEX "restores_from" ON "restores" ("source_backup_id");
ALTER TABLE "restores"
  ADD CONSTRAINT "FK_dd9c0e9020e94ec1442e819d5a7" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_6c670206cd1ef16b213fcd8cb7f" FOREIGN KEY ("environment_id") REFERENCES "environments"("id") ON DELETE RESTRICT ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_0ed21d6bd5ff9c61946738fce90" FOREIGN KEY ("requested_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_87814ef62580fbc986573931267" FOREIGN KEY ("source_backup_id") REFERENCES "backups"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_0b17af89c003426b298af165592" FOREIGN KEY ("safety_backup_id") REFERENCES "backups"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_8151664c1cd07796d79b1fd3665" FOREIGN KEY ("undoes_id") REFERENCES "restores"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "restores_status" CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  ADD CONSTRAINT "restores_contents" CHECK (contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2),
  ADD CONSTRAINT "restores_failure" CHECK ((status = 'FAILED') = (failure IS NOT NULL)),
  ADD CONSTRAINT "restores_way" CHECK (way IN ('BACKUP', 'SWITCH_BACK'));
ALTER TABLE "backups"
  ADD "protects_restore_id" uuid,
  ADD "protects_run" text;
CREATE UNIQUE INDEX "backups_protecting" ON "backups" ("protects_restore_id", "protects_run") WHERE protects_restore_id IS NOT NULL;
ALTER TABLE "environments" ADD "keep_media_folder" boolean NOT NULL DEFAULT false;
`;

const rules = String.raw`
CREATE OR REPLACE VIEW jobs AS
  SELECT id, 'BACKUP'::text AS kind, project_id, environment_id, status, failure->>'code' AS failure_code,
         created_at, updated_at
  FROM backups
  UNION ALL
  SELECT id, 'RESTORE'::text, project_id, environment_id, status, failure->>'code', created_at, updated_at
  FROM restores;

CREATE FUNCTION raise_restore_sequence() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.progress_sequence := CASE WHEN TG_OP = 'UPDATE' THEN OLD.progress_sequence + 1 ELSE 1 END;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$body$;

CREATE FUNCTION announce_restore() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  it restores;
  kind text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    it := OLD;
    kind := 'JOB_DELETED';
  ELSE
    it := NEW;
    kind := CASE
      WHEN TG_OP = 'INSERT' THEN 'JOB_CREATED'
      WHEN NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED') AND OLD.status <> NEW.status THEN 'JOB_ENDED'
      WHEN NEW.status = 'RUNNING' AND (OLD.status <> 'RUNNING' OR OLD.run_id IS DISTINCT FROM NEW.run_id) THEN 'JOB_STARTED'
      WHEN NEW.status = 'RUNNING' THEN 'JOB_PROGRESSED'
      ELSE 'JOB_EDITED'
    END;
  END IF;
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'Restore', 'id', it.id, 'projectId', it.project_id, 'kind', kind)::text);
  RETURN NULL;
END
$body$;

CREATE TRIGGER restores_raise BEFORE INSERT OR UPDATE ON restores
  FOR EACH ROW EXECUTE FUNCTION raise_restore_sequence();
CREATE TRIGGER restores_announce AFTER INSERT OR UPDATE OR DELETE ON restores
  FOR EACH ROW EXECUTE FUNCTION announce_restore();
`;

/** Restores: the job, what it switches and keeps for undo, and the safety backups that protect it. */
export class Restores1764115200000 implements MigrationInterface {
  readonly name = 'Restores1764115200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(rules);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be taken back: it would drop every record of a restore.');
  }
}
