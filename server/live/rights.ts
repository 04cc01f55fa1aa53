import type { DataSource } from 'typeorm';
import type { Role, Standing } from '#schema/domain';
import { sessionDays } from '../identity/sessions.js';

/** What one credential is worth now. */
export interface Worth {
  /** When it ends by itself; null: never. */
  expiresAt: Date | null;
  /** How its owner stands to a project that was asked about. */
  standing(projectId: string): Standing;
}

/** What credentials are worth, by their ids; those that are gone are missing. */
export type Worths = ReadonlyMap<string, Worth>;

interface Batch {
  credentialIds: Set<string>;
  projectIds: Set<string>;
  worths: Promise<Worths>;
}

interface Found {
  id: string;
  expires_at: Date | null;
  is_support: boolean;
  project_id: string | null;
  role: Role | null;
  unnoted: boolean;
}

const question = `
WITH alive AS (
  SELECT id, user_id, expires_at, last_used_at FROM api_tokens
  WHERE id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > now())
  UNION ALL
  SELECT id, user_id, expires_at, last_used_at FROM sessions
  WHERE id = ANY($1::uuid[]) AND expires_at > now()
)
SELECT alive.id, alive.expires_at, users.is_support, members.project_id, members.role,
       alive.last_used_at IS NULL OR alive.last_used_at < now() - interval '1 minute' AS unnoted
FROM alive
JOIN users ON users.id = alive.user_id
LEFT JOIN members ON members.user_id = users.id AND members.project_id = ANY($2::uuid[])`;

/**
 * Asks the catalogue what people may do now. All that is asked in one moment is one query, sent after the last asked;
 * no answer is ever used again.
 */
export class Rights {
  private batch: Batch | null = null;

  constructor(private readonly catalogue: DataSource) {}

  /** What these credentials, given by their ids, are worth in these projects. */
  ask(credentialIds: Iterable<string>, projectIds: Iterable<string>): Promise<Worths> {
    this.batch ??= this.begin();
    for (const id of credentialIds) this.batch.credentialIds.add(id);
    for (const id of projectIds) this.batch.projectIds.add(id);
    return this.batch.worths;
  }

  private begin(): Batch {
    const credentialIds = new Set<string>();
    const projectIds = new Set<string>();
    const worths = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.batch = null;
      return this.load([...credentialIds], [...projectIds]);
    });
    return { credentialIds, projectIds, worths };
  }

  private async load(credentialIds: string[], projectIds: string[]): Promise<Worths> {
    const rows: Found[] = await this.catalogue.query(question, [credentialIds, projectIds]);
    const unnoted = rows.filter((row) => row.unnoted).map((row) => row.id);
    if (unnoted.length > 0) void this.noteUse(unnoted).catch(() => undefined);
    const worths = new Map<string, Worth & { roles: Map<string, Role> }>();
    for (const { id, expires_at: expiresAt, is_support: isSupport, project_id: projectId, role } of rows) {
      let worth = worths.get(id);
      if (!worth) {
        const roles = new Map<string, Role>();
        worth = { expiresAt, roles, standing: (asked) => ({ role: roles.get(asked) ?? null, isSupport }) };
        worths.set(id, worth);
      }
      if (projectId && role) worth.roles.set(projectId, role);
    }
    return worths;
  }

  /** To listen is to use: a session lives on while it does. */
  private async noteUse(credentialIds: string[]): Promise<void> {
    await this.catalogue.query('UPDATE api_tokens SET last_used_at = now() WHERE id = ANY($1::uuid[])', [
      credentialIds,
    ]);
    await this.catalogue.query(
      `UPDATE sessions SET last_used_at = now(), expires_at = now() + make_interval(days => $2)
       WHERE id = ANY($1::uuid[]) AND expires_at > now()`,
      [credentialIds, sessionDays],
    );
  }
}
