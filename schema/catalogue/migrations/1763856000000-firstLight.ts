import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
CREATE TABLE "users" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "name" text NOT NULL,
  "email" text NOT NULL,
  "is_support" boolean NOT NULL DEFAULT false,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "PK_a3ffb1c0c8416b9fc6f907b7433" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "IDX_97672ac88f789774dd47f7c8be" ON "users" ("email");
CREATE TABLE "api_tokens" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "user_id" uuid NOT NULL,
  "name" text NOT NULL,
  "secret_hash" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz,
  "last_used_at" timestamptz,
  CONSTRAINT "PK_c587455266b5fa8dace7194caac" PRIMARY KEY ("id")
);
CREATE INDEX "IDX_b74883f5884a42fd8496d389b2" ON "api_tokens" ("user_id");
CREATE UNIQUE INDEX "IDX_7e7249acb8127967fc6b8907d6" ON "api_tokens" ("secret_hash");
CREATE TABLE "projects" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "slug" text NOT NULL,
  "name" text NOT NULL,
  "created_at" timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT "PK_6271df0a7aed1d6c0691ce6ac50" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "IDX_96e045ab8b0271e5f5a91eae1e" ON "projects" ("slug");
CREATE INDEX "IDX_b304eca00f8213b5e76dd40551" ON "projects" ("created_at", "id");
CREATE TABLE "environments" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "project_id" uuid NOT NULL,
  "slug" text NOT NULL,
  "name" text NOT NULL,
  "stage" text NOT NULL,
  "database_url_sealed" text,
  "media_directory" text,
  "git_commit" text,
  "deployed_at" timestamptz,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "deleted_at" timestamptz,
  CONSTRAINT "PK_ec32d12469ec3c2f2f20c4f5e71" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "environments_slug" ON "environments" ("project_id", "slug") WHERE deleted_at IS NULL;
CREATE TABLE "backups" (
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
  "kind" text NOT NULL,
  "contents" text array NOT NULL,
  "note" text NOT NULL DEFAULT '',
  "taken_at" timestamptz,
  "listed_at" timestamptz(3) NOT NULL DEFAULT now(),
  "total_size" bigint,
  "stored_size" bigint,
  "git_commit" text,
  "warnings" jsonb NOT NULL DEFAULT '[]',
  "progress_attempt" integer NOT NULL DEFAULT '1',
  "progress_phase" text NOT NULL DEFAULT 'queued',
  "progress_fraction" double precision,
  "progress_done_bytes" bigint NOT NULL DEFAULT '0',
  "progress_total_bytes" bigint,
  "progress_bytes_per_second" bigint,
  "progress_seconds_left" integer,
  "progress_sequence" bigint NOT NULL DEFAULT '1',
  CONSTRAINT "PK_ca30ff369eddfc7dac3b35d0d3c" PRIMARY KEY ("id")
);
CREATE INDEX "backups_unended" ON "backups" ("status") WHERE status IN ('QUEUED', 'RUNNING');
CREATE INDEX "backups_of_environment" ON "backups" ("environment_id", "listed_at", "id");
CREATE INDEX "backups_of_project" ON "backups" ("project_id", "listed_at", "id");
CREATE TABLE "backup_parts" (
  "backup_id" uuid NOT NULL,
  "content" text NOT NULL,
  "size" bigint NOT NULL,
  "sha256" text NOT NULL,
  "item_count" bigint NOT NULL,
  "server_version" text,
  "document" jsonb NOT NULL,
  CONSTRAINT "PK_4c04c8168fd7a721cea8d97586d" PRIMARY KEY ("backup_id", "content")
);
CREATE TABLE "idempotency_keys" (
  "user_id" uuid NOT NULL,
  "mutation" text NOT NULL,
  "key" text NOT NULL,
  "input_hash" text NOT NULL,
  "result_id" uuid NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "PK_3eed67d34a05384f9c81771da8e" PRIMARY KEY ("user_id", "mutation", "key")
);
CREATE TABLE "members" (
  "project_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  "role" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "PK_0d3cbbb148e13e8568cba6fd393" PRIMARY KEY ("project_id", "user_id")
);
CREATE INDEX "IDX_da404b5fd9c390e25338996e2d" ON "members" ("user_id");
CREATE TABLE "packs" (
  "id" uuid NOT NULL,
  "environment_id" uuid NOT NULL,
  "writing_backup_id" uuid,
  "stored_size" bigint,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT "PK_da3c6e998aaa9331767c51e7f91" PRIMARY KEY ("id")
);
CREATE INDEX "IDX_31ed092fa33c72ea9c659f06e6" ON "packs" ("environment_id");
CREATE INDEX "IDX_ba498f66b900543cf3de8ee1e7" ON "packs" ("writing_backup_id");
CREATE TABLE "backup_packs" (
  "backup_id" uuid NOT NULL,
  "pack_id" uuid NOT NULL,
  CONSTRAINT "PK_7bbcd707b6d11dc3f427e6264ec" PRIMARY KEY ("backup_id", "pack_id")
);
CREATE INDEX "IDX_2b50a1e8a6a4bc26679c143f72" ON "backup_packs" ("pack_id");
CREATE TABLE "sessions" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "user_id" uuid NOT NULL,
  "secret_hash" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "last_used_at" timestamptz NOT NULL,
  "expires_at" timestamptz NOT NULL,
  CONSTRAINT "PK_3238ef96f18b355b671619111bc" PRIMARY KEY ("id")
);
CREATE INDEX "IDX_085d540d9f418cfbdc7bd55bb1" ON "sessions" ("user_id");
CREATE UNIQUE INDEX "IDX_c87374a0f3680f755b9f56e5d6" ON "sessions" ("secret_hash");
CREATE TABLE "sign_in_links" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "user_id" uuid NOT NULL,
  "secret_hash" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz NOT NULL,
  "used_at" timestamptz,
  CONSTRAINT "PK_2097ee1b62272fac6526b35398e" PRIMARY KEY ("id")
);
CREATE INDEX "IDX_35646de82c2b76d041ffdef1cc" ON "sign_in_links" ("user_id");
CREATE UNIQUE INDEX "IDX_9d2e5d85b40bcb93e90a72a61b" ON "sign_in_links" ("secret_hash");
ALTER TABLE "api_tokens" ADD CONSTRAINT "FK_b74883f5884a42fd8496d389b25"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "environments" ADD CONSTRAINT "FK_e6abd34366a5d759985d0677616"
  FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
ALTER TABLE "backups" ADD CONSTRAINT "FK_7bad8685c919fbe9eabcca61f93"
  FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
ALTER TABLE "backups" ADD CONSTRAINT "FK_24d330f636314ce07e6489d641a"
  FOREIGN KEY ("environment_id") REFERENCES "environments"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
ALTER TABLE "backups" ADD CONSTRAINT "FK_7eb52749a64a69a92937c897511"
  FOREIGN KEY ("requested_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE NO ACTION;
ALTER TABLE "backup_parts" ADD CONSTRAINT "FK_2fa2606bfa2e2e080ce91906d68"
  FOREIGN KEY ("backup_id") REFERENCES "backups"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "FK_4d2181624ba2d61e76a07175198"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "members" ADD CONSTRAINT "FK_6b404f0e6c44a892e2ff5598f24"
  FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "members" ADD CONSTRAINT "FK_da404b5fd9c390e25338996e2d1"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "packs" ADD CONSTRAINT "FK_31ed092fa33c72ea9c659f06e63"
  FOREIGN KEY ("environment_id") REFERENCES "environments"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
ALTER TABLE "backup_packs" ADD CONSTRAINT "FK_f050a1dfc9aa427f4f217362021"
  FOREIGN KEY ("backup_id") REFERENCES "backups"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "backup_packs" ADD CONSTRAINT "FK_2b50a1e8a6a4bc26679c143f72d"
  FOREIGN KEY ("pack_id") REFERENCES "packs"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
ALTER TABLE "sessions" ADD CONSTRAINT "FK_085d540d9f418cfbdc7bd55bb19"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "sign_in_links" ADD CONSTRAINT "FK_35646de82c2b76d041ffdef1ccf"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
`;

const rules = String.raw`
-- Every change of a job raises its sequence, whoever makes it, and keeps the list's order.
CREATE FUNCTION raise_job_sequence() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    NEW.progress_sequence := OLD.progress_sequence + 1;
  ELSE
    NEW.progress_sequence := 1;
  END IF;
  NEW.updated_at := clock_timestamp();
  NEW.listed_at := COALESCE(NEW.taken_at, NEW.created_at);
  RETURN NEW;
END
$body$;

-- Announces a change of a job in the transaction that makes it: ids only, listeners load the row.
CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  it backups;
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
      WHEN NEW.status = 'RUNNING' AND OLD.note = NEW.note THEN 'JOB_PROGRESSED'
      ELSE 'JOB_EDITED'
    END;
  END IF;
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'Backup', 'id', it.id, 'projectId', it.project_id, 'kind', kind)::text);
  RETURN NULL;
END
$body$;

-- Announces a change of an environment.
CREATE FUNCTION announce_environment() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'Environment', 'id', NEW.id, 'projectId', NEW.project_id, 'kind', 'ENVIRONMENT_CHANGED')::text);
  RETURN NULL;
END
$body$;

CREATE TRIGGER backups_raise BEFORE INSERT OR UPDATE ON backups
  FOR EACH ROW EXECUTE FUNCTION raise_job_sequence();
CREATE TRIGGER backups_announce AFTER INSERT OR UPDATE OR DELETE ON backups
  FOR EACH ROW EXECUTE FUNCTION announce_job();
CREATE TRIGGER environments_announce AFTER INSERT OR UPDATE ON environments
  FOR EACH ROW EXECUTE FUNCTION announce_environment();

ALTER TABLE backups
  ADD CONSTRAINT backups_status CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  ADD CONSTRAINT backups_kind CHECK (kind IN ('SCHEDULED', 'ON_DEMAND', 'SAFETY')),
  ADD CONSTRAINT backups_contents CHECK (contents <@ ARRAY['DATABASE', 'MEDIA'] AND cardinality(contents) BETWEEN 1 AND 2),
  ADD CONSTRAINT backups_failure CHECK ((status = 'FAILED') = (failure IS NOT NULL)),
  ADD CONSTRAINT backups_sealed CHECK (status <> 'SUCCEEDED' OR (taken_at IS NOT NULL AND total_size IS NOT NULL));
`;

/** The first form of the catalogue. */
export class FirstLight1763856000000 implements MigrationInterface {
  readonly name = 'FirstLight1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(rules);
  }

  async down(): Promise<void> {
    throw new Error('The first migration cannot be taken back: it would drop every record of a backup.');
  }
}
