import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
CREATE TABLE "downloads" (
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
  "expires_at" timestamptz,
  "revoked_at" timestamptz,
  "cleared_at" timestamptz,
  "progress_attempt" integer NOT NULL DEFAULT '1',
  "progress_phase" text NOT NULL DEFAULT 'queued',
  "progress_fraction" double precision,
  "progress_done_bytes" bigint NOT NULL DEFAULT '0',
  "progress_total_bytes" bigint,
  "progress_bytes_per_second" bigint,
  "progress_seconds_left" integer,
  "progress_sequence" bigint NOT NULL DEFAULT '1',
  CONSTRAINT "downloads_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "downloads_of_project" ON "downloads" ("project_id", "created_at", "id");
CREATE INDEX "downloads_changed" ON "downloads" ("updated_at", "id");
CREATE INDEX "downloads_changed_in_project" ON "downloads" ("project_id", "updated_at", "id");
CREATE INDEX "downloads_unended" ON "downloads" ("status") WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX "downloads_from" ON "downloads" ("source_backup_id");
CREATE INDEX "downloads_to_clear" ON "downloads" ("expires_at") WHERE expires_at IS NOT NULL AND cleared_at IS NULL;
ALTER TABLE "downloads"
  ADD CONSTRAINT "FK_ce4ebf4bedfe85371b49a6dbf24" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_75e58c53c3847d27ab80b26e3ba" FOREIGN KEY ("environment_id") REFERENCES "environments"("id") ON DELETE RESTRICT ON UPDATE NO ACTION,
  ADD CONSTRAINT "FK_daf5fe64f4a827c8326634f3a6c" FOREIGN KEY ("requested_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "downloads_source" FOREIGN KEY ("source_backup_id") REFERENCES "backups"("id") ON DELETE SET NULL ON UPDATE NO ACTION,
  ADD CONSTRAINT "downloads_status" CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  ADD CONSTRAINT "downloads_contents" CHECK (contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2),
  ADD CONSTRAINT "downloads_failure" CHECK ((status = 'FAILED') = (failure IS NOT NULL)),
  ADD CONSTRAINT "downloads_expiry" CHECK ((status = 'SUCCEEDED') = (expires_at IS NOT NULL));
CREATE TABLE "download_files" (
  "download_id" uuid NOT NULL,
  "name" text NOT NULL,
  "content" text NOT NULL,
  "size" bigint NOT NULL,
  "sha256" text NOT NULL,
  "storage_key" text NOT NULL,
  CONSTRAINT "download_files_pkey" PRIMARY KEY ("download_id", "name"),
  CONSTRAINT "download_files_download" FOREIGN KEY ("download_id") REFERENCES "downloads"("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE TABLE "download_mails" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "download_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "state" text NOT NULL DEFAULT 'PENDING',
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "handed_at" timestamptz,
  "sent_at" timestamptz,
  "problem" text,
  CONSTRAINT "download_mails_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "download_mails_state" CHECK (state IN ('PENDING', 'SENT', 'UNCERTAIN', 'FAILED')),
  CONSTRAINT "download_mails_download" FOREIGN KEY ("download_id") REFERENCES "downloads"("id") ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT "download_mails_user" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE UNIQUE INDEX "download_mails_one_each" ON "download_mails" ("download_id", "user_id");
CREATE INDEX "download_mails_pending" ON "download_mails" ("created_at") WHERE state = 'PENDING';
CREATE TABLE "audit_log" (
  "id" bigserial NOT NULL,
  "at" timestamptz NOT NULL DEFAULT now(),
  "deed" text NOT NULL,
  "noun" text NOT NULL,
  "subject_id" uuid NOT NULL,
  "project_id" uuid NOT NULL,
  "user_id" uuid,
  "email" text,
  "by" text,
  "remote_address" inet,
  "details" jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_log_of_project" ON "audit_log" ("project_id", "at");
CREATE INDEX "audit_log_of_subject" ON "audit_log" ("noun", "subject_id", "at");
`;

const rules = String.raw`
CREATE OR REPLACE VIEW jobs AS
  SELECT id, 'BACKUP'::text AS kind, project_id, environment_id, status, failure->>'code' AS failure_code,
         created_at, updated_at
  FROM backups
  UNION ALL
  SELECT id, 'RESTORE'::text, project_id, environment_id, status, failure->>'code', created_at, updated_at
  FROM restores
  UNION ALL
  SELECT id, 'DOWNLOAD'::text, project_id, environment_id, status, failure->>'code', created_at, updated_at
  FROM downloads;

CREATE FUNCTION raise_download_sequence() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.progress_sequence := CASE WHEN TG_OP = 'UPDATE' THEN OLD.progress_sequence + 1 ELSE 1 END;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$body$;

CREATE FUNCTION announce_download() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  it downloads;
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
    'noun', 'Download', 'id', it.id, 'projectId', it.project_id, 'kind', kind)::text);
  RETURN NULL;
END
$body$;

CREATE TRIGGER downloads_raise BEFORE INSERT OR UPDATE ON downloads
  FOR EACH ROW EXECUTE FUNCTION raise_download_sequence();
CREATE TRIGGER downloads_announce AFTER INSERT OR UPDATE OR DELETE ON downloads
  FOR EACH ROW EXECUTE FUNCTION announce_download();

-- Where a mail stands is shown with its download: a change of the one is a change of the other.
CREATE FUNCTION touch_download_of_mail() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE downloads SET updated_at = clock_timestamp() WHERE id = NEW.download_id;
  RETURN NULL;
END
$body$;

CREATE TRIGGER download_mails_touch AFTER INSERT OR UPDATE OF state, problem ON download_mails
  FOR EACH ROW EXECUTE FUNCTION touch_download_of_mail();

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to';
END
$body$;

CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
`;

/** Downloads: the job, its files, the mails about it; and the log of who used them. */
export class Downloads1764201600000 implements MigrationInterface {
  readonly name = 'Downloads1764201600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(rules);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be taken back: it would drop every record of a download.');
  }
}
