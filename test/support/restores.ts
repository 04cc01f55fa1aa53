import type { Api, UserError } from './api.js';
import { until } from './until.js';

/** A restore as tests read it. */
export interface RestoreSeen {
  id: string;
  status: string;
  can: string[];
  contents: string[];
  canUndo: boolean;
  sourceDescription: string;
  source: { id: string } | null;
  safetyBackup: { id: string; status: string; kind: string; note: string } | null;
  undoUntil: string | null;
  warnings: Array<{ code: string; message: string }>;
  failure: { code: string; message: string; retryable: boolean } | null;
  progress: {
    attempt: number;
    phase: string;
    fraction: number | null;
    doneBytes: number;
    totalBytes: number | null;
    sequence: number;
  };
  workflow: { workflowId: string; runId: string | null; url: string | null };
}

const fields = `id status can contents canUndo sourceDescription source { ... on Backup { id } }
  safetyBackup { id status kind note } undoUntil warnings { code message }
  failure { code message retryable } progress { attempt phase fraction doneBytes totalBytes sequence }
  workflow { workflowId runId url }`;

/** What is asked for; the confirmation is taken from the plan unless given. */
export interface RestoreWish {
  sourceId: string;
  destinationId: string;
  contents: string[];
  confirmation?: string;
  safetyBackup?: boolean;
  idempotencyKey?: string;
}

/** What a restore would do. */
export interface PlanSeen {
  warnings: Array<{ code: string; message: string }>;
  blockers: Array<{ code: string; message: string }>;
  confirmation: string;
  estimatedSeconds: number | null;
}

/** Restores as an integrator asks for them. */
export class Restores {
  constructor(private readonly api: Api) {}

  async plan({ sourceId, destinationId, contents }: RestoreWish): Promise<PlanSeen> {
    return this.api.ask<PlanSeen>(
      'restorePlan',
      `query($s: ID!, $d: ID!, $c: [Content!]) { restorePlan(sourceId: $s, destinationId: $d, contents: $c) {
        warnings { code message } blockers { code message } confirmation estimatedSeconds } }`,
      { s: sourceId, d: destinationId, c: contents },
    );
  }

  /** Asks for a restore; answers with its id, or with why it was refused. */
  async ask(wish: RestoreWish): Promise<{ id: string | null; userErrors: UserError[] }> {
    const confirmation = wish.confirmation ?? (await this.confirmation(wish.destinationId));
    const answer = await this.api.ask<{ restore: { id: string } | null; userErrors: UserError[] }>(
      'restoreBackup',
      `mutation($input: RestoreBackupInput!) { restoreBackup(input: $input) { restore { id } userErrors { code field message } } }`,
      { input: { ...wish, confirmation } },
    );
    return { id: answer.restore?.id ?? null, userErrors: answer.userErrors };
  }

  /** Asks for one that must not be refused; answers with its id. */
  async begin(wish: RestoreWish): Promise<string> {
    const { id, userErrors } = await this.ask(wish);
    if (!id) throw new Error(`restoreBackup was refused: ${JSON.stringify(userErrors)}`);
    return id;
  }

  /** Asks for one and waits for its success. */
  async make(wish: RestoreWish): Promise<RestoreSeen> {
    return this.until(await this.begin(wish), ['SUCCEEDED']);
  }

  async undo(id: string): Promise<string> {
    const { id: undoing } = await this.api.make<{ id: string }>(
      'undoRestore',
      'restore',
      `mutation($id: ID!) { undoRestore(id: $id) { restore { id } userErrors { code field message } } }`,
      { id },
    );
    return undoing;
  }

  async look(id: string): Promise<RestoreSeen> {
    return this.api.ask<RestoreSeen>(
      'node',
      `query($id: ID!) { node(id: $id) { ... on Restore { ${fields} } } }`,
      {
        id,
      },
    );
  }

  /** Waits until it stands like one of these; throws with its failure where it ends otherwise. */
  async until(id: string, statuses: string[], withinMs = 120_000): Promise<RestoreSeen> {
    let last: RestoreSeen | null = null;
    return until(`restore ${id} is ${statuses.join(' or ')}`, withinMs, async () => {
      const restore = await this.look(id).catch(() => null);
      if (!restore) return null;
      last = restore;
      if (statuses.includes(restore.status)) return restore;
      if (['FAILED', 'SUCCEEDED', 'CANCELED'].includes(restore.status)) {
        throw new Error(`restore ${id} is ${restore.status}: ${JSON.stringify(restore.failure)}`);
      }
      return null;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(last)}`, { cause: error });
    });
  }

  private async confirmation(environmentId: string): Promise<string> {
    const { slug, project } = await this.api.ask<{ slug: string; project: { slug: string } }>(
      'node',
      `query($id: ID!) { node(id: $id) { ... on Environment { slug project { slug } } } }`,
      { id: environmentId },
    );
    return `${project.slug}/${slug}`;
  }
}
