import type { MigrationInterface, QueryRunner } from 'typeorm';

const packs = `
ALTER TABLE "packs" ADD "index_size" bigint, ADD "list_sha256" text;
CREATE TABLE "pack_contents" (
  "environment_id" uuid NOT NULL,
  "sha256" bytea NOT NULL,
  "pack_id" uuid NOT NULL,
  CONSTRAINT "pack_contents_pkey" PRIMARY KEY ("environment_id", "sha256"),
  CONSTRAINT "pack_contents_pack" FOREIGN KEY ("pack_id") REFERENCES "packs"("id") ON DELETE CASCADE ON UPDATE NO ACTION
);
CREATE INDEX "pack_contents_of_pack" ON "pack_contents" ("pack_id");
`;

/** Which contents of media are held already, and by which pack; media backups that can be gone on with. */
export class Engine1764028800000 implements MigrationInterface {
  readonly name = 'Engine1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(packs);
  }

  async down(): Promise<void> {
    throw new Error('This migration cannot be taken back: sealed backups share packs by now.');
  }
}
