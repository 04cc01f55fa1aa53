import { Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { filePath } from '#schema/domain';
import type { Download, DownloadFile } from '#schema/entities';
import type { Tools } from '../../graph/context.js';
import type { OwnOrigins } from '../../http/origin.js';
import { RequestLimit } from '../../identity/requestLimit.js';
import { audit } from '../audit.js';
import { answerFor, type Answer } from './answerFor.js';
import { etagOf, fileHeaders } from './fileHeaders.js';
import type { ByteRange, FileStore } from './fileStore.js';
import { findFile } from './findFile.js';
import { pageStyle, type PageWords } from './plainPage.js';
import { refusalWords } from './refusalWords.js';
import { say, wantsPage } from './say.js';
import { whoAsks, type Asker, type Wanted } from './whoAsks.js';

/** So many refusals are answered per address and minute. */
const mostRefusals = 60;
const minuteMs = 60_000;
/** A reader that takes nothing for so long is left. */
const stallMs = 120_000;
/** The longest life of an address of the storage’s own, in seconds. */
const redirectSeconds = 300;

type KnownAsker = Exclude<Asker, { by: null }>;
interface Served {
  request: Request;
  response: Response;
  asker: KnownAsker;
  download: Download;
  file: DownloadFile;
}

/** The files of downloads, at `GET /files/<download>/<name>`: who may have one is asked at every request. */
export class FileServer {
  private readonly refused = new RequestLimit(mostRefusals, minuteMs);
  private readonly stopping = new AbortController();

  constructor(
    private readonly tools: Tools,
    private readonly origins: OwnOrigins,
    /** Null where the settings name no storage. */
    private readonly store: FileStore | null,
    private readonly log: Logger,
  ) {}

  routes(): Router {
    const router = Router();
    router.get('/files/page.css', (_request, response) => {
      response.type('css').send(pageStyle);
    });
    // GET stands for HEAD as well.
    router.get('/files/:downloadId/:name', (request, response) => this.answer(request, response));
    router.all('/files/:downloadId/:name', (_request, response) => {
      response.setHeader('Allow', 'GET, HEAD');
      response.status(405).end();
    });
    return router;
  }

  /** Ends what is under way: nobody waits for a slow reader. */
  stop(): void {
    this.stopping.abort(new Error('The server stops.'));
  }

  private async answer(request: Request<Wanted & Record<string, string>>, response: Response): Promise<void> {
    const { publicUrl } = this.tools.settings;
    const { downloadId, name } = request.params;
    response.setHeader('Cache-Control', 'private, no-store');
    const asker = await whoAsks(request, { downloadId, name }, this.tools, this.origins);
    if (asker.by === null) return this.refuseUnknown(request, response, asker.badKey);
    const found = await findFile(this.tools.catalogue, asker, { downloadId, name });
    if (found === 'absent') return this.refuse(request, response, 404, refusalWords.absent(publicUrl));
    if ('ended' in found)
      return this.refuse(request, response, 410, refusalWords.ended(publicUrl, found.ended, found.slug));
    const served = { request, response, asker, ...found };
    try {
      await this.serve(served);
    } catch (error: unknown) {
      this.log.error({ err: error, file: found.file.storageKey }, 'a file cannot be served');
      if (response.headersSent) response.destroy();
      else if (!response.destroyed) {
        response.setHeader('Retry-After', '5');
        say(request, response, 503, refusalWords.away());
      }
    }
  }

  private async serve(served: Served): Promise<void> {
    const { request, response, download, file } = served;
    const headers = fileHeaders(download, file);
    const facts = { size: file.size, etag: etagOf(file), lastModified: headers['Last-Modified'] ?? '' };
    const isHead = request.method === 'HEAD';
    // A range is asked of bytes, and HEAD has none.
    const answer = answerFor(isHead ? { ...request.headers, range: undefined } : request.headers, facts);
    if (!('range' in answer)) return answerWithout(response, answer, headers, file.size);
    const left = new AbortController();
    response.once('close', () => left.abort(new Error('The reader has left.')));
    const signal = AbortSignal.any([left.signal, this.stopping.signal]);
    if (isHead) {
      if (!(await this.store?.has(file, signal))) return this.missing(request, response, file);
      response.writeHead(answer.status, lengthHeaders(headers, answer, file.size)).end();
      return;
    }
    if (await this.redirect(served, signal)) return;
    const opened = await this.store?.open(file, answer.range, signal);
    if (!opened) return this.missing(request, response, file);
    await this.note(served, answer.status === 206 ? answer.range : null).catch(async (error: unknown) => {
      await opened.close();
      throw error;
    });
    response.writeHead(answer.status, lengthHeaders(headers, answer, file.size));
    response.setTimeout(stallMs, () => response.destroy());
    try {
      await opened.pour(response, signal);
      response.end();
    } catch (error: unknown) {
      response.destroy();
      // Whoever leaves early comes back, or not: that is no fault.
      if (!signal.aborted) throw error;
    }
  }

  /** Sends the reader to the storage itself, where that is set. */
  private async redirect(served: Served, signal: AbortSignal): Promise<boolean> {
    const { request, response, download, file } = served;
    const leftSeconds = Math.floor(((download.expiresAt?.getTime() ?? 0) - Date.now()) / 1000);
    const address = await this.store?.addressOf(file, Math.max(1, Math.min(redirectSeconds, leftSeconds)));
    if (!address) return false;
    if (!(await this.store?.has(file, signal))) {
      this.missing(request, response, file);
      return true;
    }
    await this.note(served, null);
    response.redirect(302, address);
    return true;
  }

  private note({ request, asker, download, file }: Served, range: ByteRange | null): Promise<void> {
    const doer = {
      user: asker.viewer?.user ?? null,
      by: asker.by,
      remoteAddress: request.ip ?? null,
    };
    return audit(this.tools.catalogue, 'download', download, doer, {
      file: file.name,
      range: range && `${range.start}-${range.end}`,
    });
  }

  private missing(request: Request, response: Response, file: DownloadFile): void {
    const { storageKey, size } = file;
    const problem = this.store ? 'a file of a download is not in storage' : 'no storage is set';
    this.log.error({ storageKey, size }, `${problem}: HOLDFAST_STORAGE_DIR or S3_BUCKET`);
    say(request, response, 404, refusalWords.missing(this.tools.settings.publicUrl));
  }

  private refuseUnknown(
    request: Request<Wanted & Record<string, string>>,
    response: Response,
    badKey: boolean,
  ): void {
    if (!wantsPage(request)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return this.refuse(request, response, 401, refusalWords.signIn(this.tools.settings.publicUrl));
    }
    if (badKey && this.isOverLimit(request, response)) return;
    // Back to the stable address: a key that is worth nothing is not carried on.
    const next = filePath(request.params.downloadId, request.params.name);
    response.redirect(302, `/sign-in?${new URLSearchParams({ next }).toString()}`);
  }

  private refuse(request: Request, response: Response, status: number, words: PageWords): void {
    if (!this.isOverLimit(request, response)) say(request, response, status, words);
  }

  /** Counts a refusal; whoever is refused too often is answered here. */
  private isOverLimit(request: Request, response: Response): boolean {
    if (this.refused.take(request.ip ?? '')) return false;
    response.setHeader('Retry-After', String(minuteMs / 1000));
    say(request, response, 429, refusalWords.tooMany());
    return true;
  }
}

function answerWithout(
  response: Response,
  { status }: Answer,
  headers: Record<string, string>,
  size: number,
): void {
  if (status === 416) response.setHeader('Content-Range', `bytes */${size}`);
  const { ETag, 'Cache-Control': caching, 'Last-Modified': modified } = headers;
  const said = status === 304 ? { ETag, 'Last-Modified': modified } : {};
  response.writeHead(status, { ...said, 'Cache-Control': caching, 'Accept-Ranges': 'bytes' }).end();
}

function lengthHeaders(
  headers: Record<string, string>,
  answer: Extract<Answer, { range: ByteRange }>,
  size: number,
): Record<string, string> {
  const { start, end } = answer.range;
  return {
    ...headers,
    'Content-Length': String(end - start + 1),
    ...(answer.status === 206 && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  };
}
