import type { Api, UserError } from './api.js';
import { until } from './until.js';

/** A download as tests read it. */
export interface DownloadSeen {
  id: string;
  status: string;
  can: string[];
  contents: string[];
  expiresAt: string | null;
  revokedAt: string | null;
  mailState: string | null;
  failure: { code: string; message: string; retryable: boolean } | null;
  progress: { attempt: number; phase: string; fraction: number | null; totalBytes: number | null };
  files: Array<{ name: string; content: string; size: number; sha256: string; url: string | null }>;
  workflow: { workflowId: string; runId: string | null };
}

const fields = `id status can contents expiresAt revokedAt mailState failure { code message retryable }
  progress { attempt phase fraction totalBytes } files { name content size sha256 url } workflow { workflowId runId }`;

/** Downloads as an integrator asks for them. */
export class Downloads {
  constructor(private readonly api: Api) {}

  /** Asks for a download that must not be refused; answers with its id. */
  async begin(sourceId: string, contents: string[], email = false): Promise<string> {
    const answer = await this.api.ask<{ download: { id: string } | null; userErrors: UserError[] }>(
      'prepareDownload',
      `mutation($input: PrepareDownloadInput!) { prepareDownload(input: $input) { download { id } userErrors { code field message } } }`,
      { input: { sourceId, contents, email } },
    );
    if (!answer.download)
      throw new Error(`prepareDownload was refused: ${JSON.stringify(answer.userErrors)}`);
    return answer.download.id;
  }

  async look(id: string): Promise<DownloadSeen> {
    return this.api.ask<DownloadSeen>(
      'node',
      `query($id: ID!) { node(id: $id) { ... on Download { ${fields} } } }`,
      { id },
    );
  }

  async revoke(id: string): Promise<void> {
    await this.api.make(
      'revokeDownload',
      'download',
      `mutation($id: ID!) { revokeDownload(id: $id) { download { id } userErrors { code field message } } }`,
      { id },
    );
  }

  /** Waits until it stands like one of these; throws with its failure where it ends otherwise. */
  async until(id: string, statuses: string[], withinMs = 120_000): Promise<DownloadSeen> {
    return until(`download ${id} is ${statuses.join(' or ')}`, withinMs, async () => {
      const download = await this.look(id).catch(() => null);
      if (!download) return null;
      if (statuses.includes(download.status)) return download;
      if (['FAILED', 'SUCCEEDED', 'CANCELED'].includes(download.status)) {
        throw new Error(`download ${id} is ${download.status}: ${JSON.stringify(download.failure)}`);
      }
      return null;
    });
  }
}
