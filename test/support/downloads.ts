import { createHash } from 'node:crypto';
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
  mailProblem: string | null;
  failure: { code: string; message: string; retryable: boolean } | null;
  progress: { attempt: number; phase: string; fraction: number | null; totalBytes: number | null };
  files: Array<{ name: string; content: string; size: number; sha256: string; url: string | null }>;
  workflow: { workflowId: string; runId: string | null };
}

const fields = `id status can contents expiresAt revokedAt mailState mailProblem failure { code message retryable }
  progress { attempt phase fraction totalBytes } files { name content size sha256 url } workflow { workflowId runId }`;

/** A file of a download as it came. */
export interface FetchedFile {
  content: string;
  name: string;
  bytes: Buffer;
}

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

  /** Fetches the files by their addresses; throws where one is not what the download says of it. */
  async fetchFiles({ files }: DownloadSeen): Promise<FetchedFile[]> {
    const fetched: FetchedFile[] = [];
    for (const { content, name, size, sha256, url } of files) {
      const response = await fetch(url ?? '');
      const bytes = Buffer.from(await response.arrayBuffer());
      const came = {
        status: response.status,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
      if (came.status !== 200 || came.size !== size || came.sha256 !== sha256)
        throw new Error(`${name} has ${size} bytes, ${sha256}; what came is ${JSON.stringify(came)}`);
      fetched.push({ content, name, bytes });
    }
    return fetched;
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
