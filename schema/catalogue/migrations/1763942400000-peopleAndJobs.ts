import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = `
ALTER TABLE "users" ADD "signed_in_at" timestamptz;
UPDATE "users" SET "signed_in_at" = "created_at";
ALTER TABLE "members" ADD "invitation_mailed_at" timestamptz;
ALTER TABLE "environments"
  ADD "media_s3" jsonb,
  ADD "media_s3_keys_sealed" text,
  ADD "updated_at" timestamptz(3) NOT NULL DEFAULT now(),
  ADD CONSTRAINT "environments_one_media" CHECK (media_directory IS NULL OR media_s3 IS NULL);
CREATE INDEX "environments_changed" ON "environments" ("updated_at");
CREATE INDEX "backups_changed" ON "backups" ("updated_at", "id");
CREATE INDEX "backups_changed_in_project" ON "backups" ("project_id", "updated_at", "id");
`;

const rules = String.raw`
-- Everything that takes time, whatever its kind: lists of jobs read ids here and the rows from their own tables.
CREATE VIEW jobs AS
  SELECT id, 'BACKUP'::text AS kind, project_id, environment_id, status, failure->>'code' AS failure_code,
         created_at, updated_at
  FROM backups;

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$body$;
CREATE TRIGGER environments_note_change BEFORE INSERT OR UPDATE ON environments
  FOR EACH ROW EXECUTE FUNCTION note_change();

-- Announces who belongs to a project: what that person sees elsewhere changes at once.
CREATE FUNCTION announce_member() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  it members;
BEGIN
  it := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'Member', 'id', it.user_id, 'projectId', it.project_id, 'kind', 'MEMBERS_CHANGED')::text);
  RETURN NULL;
END
$body$;
CREATE TRIGGER members_announce AFTER INSERT OR DELETE OR UPDATE OF role, invitation_mailed_at ON members
  FOR EACH ROW EXECUTE FUNCTION announce_member();

-- Announces that a person's credentials or platform role changed: what hangs on them is asked anew.
CREATE FUNCTION announce_credentials() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'User', 'id', OLD.user_id, 'projectId', NULL, 'kind', 'CREDENTIALS_CHANGED')::text);
  RETURN NULL;
END
$body$;
CREATE TRIGGER sessions_announce AFTER DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION announce_credentials();
CREATE TRIGGER api_tokens_announce AFTER DELETE ON api_tokens
  FOR EACH ROW EXECUTE FUNCTION announce_credentials();

CREATE FUNCTION announce_user() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('holdfast_changes', json_build_object(
    'noun', 'User', 'id', OLD.id, 'projectId', NULL, 'kind', 'CREDENTIALS_CHANGED')::text);
  RETURN NULL;
END
$body$;
CREATE TRIGGER users_announce AFTER DELETE OR UPDATE OF is_support ON users
  FOR EACH ROW EXECUTE FUNCTION announce_user();
`;

/** Members that are invited, media in S3, lists of jobs by their last change, and rights that are pushed. */
export class PeopleAndJobs1763942400000 implements MigrationInterface {
  readonly name = 'PeopleAndJobs1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(columns);
    await runner.query(rules);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be taken back: it would drop where media lie.');
  }
}
