import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { until } from './until.js';

type Variables = Record<string, unknown>;

/** A GraphQL answer as it came. */
export interface Answer {
  status: number;
  data: Record<string, unknown> | null;
  errors: Array<{ message: string; extensions?: { code?: string } }> | undefined;
}

/** A refusal as the API gives it. */
export interface UserError {
  code: string;
  field: string[] | null;
  message: string;
}

/** A backup as tests read it. */
export interface BackupSeen {
  id: string;
  status: string;
  kind: string;
  note: string;
  takenAt: string | null;
  totalSize: number | null;
  storedSize: number | null;
  gitCommit: string | null;
  can: string[];
  contents: string[];
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
  parts: Array<{
    content: string;
    size: number;
    sha256: string;
    itemCount: number;
    serverVersion: string | null;
  }>;
  workflow: { workflowId: string; runId: string | null; url: string | null };
}

const backupFields = `id status kind note takenAt totalSize storedSize gitCommit can contents
  warnings { code message } failure { code message retryable }
  progress { attempt phase fraction doneBytes totalBytes sequence }
  parts { content size sha256 itemCount serverVersion } workflow { workflowId runId url }`;

/** A loud GraphQL client: a surprise is thrown with document and body. */
export class Api {
  constructor(
    readonly graphql: string,
    readonly token: string | null,
  ) {}

  /** Sends a document; answers as it came. */
  async send(
    query: string,
    variables: Variables = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.graphql, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Omit<Answer, 'status'>;
    return { status: response.status, data: body.data, errors: body.errors };
  }

  /** Sends a document that must succeed; answers with the field of that name. */
  async ask<Result>(field: string, query: string, variables: Variables = {}): Promise<Result> {
    const { data, errors } = await this.send(query, variables);
    if (errors || !data) throw new Error(`${query}\n${JSON.stringify(variables)}\n${JSON.stringify(errors)}`);
    return data[field] as Result;
  }

  /** Calls a mutation that must not be refused; answers with what it made. */
  async make<Result>(
    field: string,
    result: string,
    query: string,
    variables: Variables = {},
  ): Promise<Result> {
    const payload = await this.ask<Record<string, unknown>>(field, query, variables);
    const refusals = payload.userErrors as UserError[];
    if (refusals.length > 0) throw new Error(`${field} was refused: ${JSON.stringify(refusals)}`);
    return payload[result] as Result;
  }

  /** Asks for a backup; answers with its id. */
  async createBackup(environmentId: string, contents: string[], note = ''): Promise<string> {
    const { id } = await this.make<{ id: string }>(
      'createBackup',
      'backup',
      `mutation($input: CreateBackupInput!) { createBackup(input: $input) { backup { id } userErrors { code field message } } }`,
      { input: { environmentId, contents, note } },
    );
    return id;
  }

  /** The backup as it is now. */
  async backup(id: string): Promise<BackupSeen> {
    return this.ask<BackupSeen>(
      'node',
      `query($id: ID!) { node(id: $id) { ... on Backup { ${backupFields} } } }`,
      { id },
    );
  }

  /** Waits until the backup stands like one of these; throws with its failure where it ends otherwise. */
  async untilBackup(id: string, statuses: string[], withinMs = 120_000): Promise<BackupSeen> {
    return until(`backup ${id} is ${statuses.join(' or ')}`, withinMs, async () => {
      const backup = await this.backup(id).catch(() => null);
      if (!backup) return null;
      if (statuses.includes(backup.status)) return backup;
      if (backup.status === 'FAILED' || backup.status === 'SUCCEEDED') {
        throw new Error(`backup ${id} is ${backup.status}: ${JSON.stringify(backup.failure)}`);
      }
      return null;
    });
  }

  /** The id of an environment by its slugs. */
  async environmentId(project: string, environment: string): Promise<string> {
    const found = await this.ask<{ environment: { id: string } }>(
      'project',
      'query($p: String!, $e: String!) { project(slug: $p) { environment(slug: $e) { id } } }',
      { p: project, e: environment },
    );
    return found.environment.id;
  }

  /** A graphql-ws client of the same caller; dispose of it. */
  socket(): Client {
    return createClient({
      url: this.graphql.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: this.token ? { authorization: `Bearer ${this.token}` } : {},
    });
  }

  /** Follows a job over graphql-ws to its end; answers with everything that was pushed. */
  async follow(id: string, seen: (backup: BackupSeen) => void = () => undefined): Promise<BackupSeen[]> {
    const client = this.socket();
    const pushed: BackupSeen[] = [];
    try {
      const query = `subscription($id: ID!) { jobChanged(id: $id) { ... on Backup { ${backupFields} } } }`;
      for await (const { data, errors } of client.iterate<{ jobChanged: BackupSeen }>({
        query,
        variables: { id },
      })) {
        if (!data) throw new Error(JSON.stringify(errors));
        pushed.push(data.jobChanged);
        seen(data.jobChanged);
      }
      return pushed;
    } finally {
      await client.dispose();
    }
  }
}
