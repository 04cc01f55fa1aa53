import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call on its way to a server of S3. */
export interface S3Call {
  /** As S3 names it, e.g. `UploadPart`. */
  operation: string;
  method: string;
  /** The object’s name, without the bucket. */
  key: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
}

/** What becomes of a call: nothing named, it passes. */
export interface S3Fate {
  /** Is answered by the proxy; the server hears nothing of it. */
  answer?: { status: number; code: string };
  /** Is answered by the server, but the proxy passes these words on. */
  instead?: { status: number; code: string };
  /** The server does it, and the connection is cut before the answer. */
  cut?: boolean;
  /** What the server receives in place of a piece. */
  change?: (piece: Buffer) => Buffer;
  /** The bytes of the answer after which the connection is cut. */
  cutAnswerAfter?: number;
  /** Is done by somebody else, who answers. */
  by?: (body: Buffer) => Promise<Record<string, string>>;
}

/** Stands in front of a real server and does to calls what networks and providers do. */
export interface S3Proxy {
  endpoint: string;
  /** Every call that came, as S3 names them. */
  calls: string[];
  stop(): Promise<void>;
}

/** Starts one; `fate` decides on each call. */
export async function startS3Proxy(
  target: string,
  fate: (call: S3Call) => S3Fate | Promise<S3Fate>,
): Promise<S3Proxy> {
  const calls: string[] = [];
  const server = http.createServer((request, response) => {
    const call = describe(request);
    calls.push(call.operation);
    Promise.resolve(fate(call))
      .then((decided) => pass(target, request, response, decided))
      // Whoever asked may be gone by then.
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(
  target: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  fate: S3Fate,
): Promise<void> {
  request.on('error', () => undefined);
  if (fate.answer) {
    for await (const _piece of request) continue;
    response.writeHead(fate.answer.status, { 'content-type': 'application/xml' });
    response.end(request.method === 'HEAD' ? '' : errorBody(fate.answer.code));
    return;
  }
  if (fate.by) {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    response.writeHead(200, await fate.by(Buffer.concat(pieces))).end();
    return;
  }
  const { expect: _expect, ...headers } = request.headers;
  const onward = http.request(target + (request.url ?? ''), { method: request.method, headers });
  onward.on('error', () => response.destroy());
  onward.on('response', (answer) => {
    if (fate.cut) {
      answer.resume().on('end', () => response.destroy());
      return;
    }
    if (fate.instead) {
      answer.resume();
      response
        .writeHead(fate.instead.status, { 'content-type': 'application/xml' })
        .end(errorBody(fate.instead.code));
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let left = fate.cutAnswerAfter ?? Number.POSITIVE_INFINITY;
    answer.on('data', (piece: Buffer) => {
      response.write(piece.subarray(0, Math.max(0, left)));
      left -= piece.length;
      if (left <= 0) response.destroy();
    });
    answer.on('end', () => response.end());
    answer.on('error', () => response.destroy());
  });
  request.on('data', (piece: Buffer) => {
    if (!onward.write(fate.change ? fate.change(piece) : piece)) {
      request.pause();
      onward.once('drain', () => request.resume());
    }
  });
  request.on('end', () => onward.end());
  request.on('close', () => {
    if (!request.complete) onward.destroy();
  });
}

/** An error as S3 puts it. */
function errorBody(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
}

function describe(request: http.IncomingMessage): S3Call {
  const url = new URL(request.url ?? '/', 'http://server');
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
  const query = url.searchParams;
  const method = request.method ?? '';
  return { operation: nameOf(method, key, query), method, key, query, headers: request.headers };
}

function nameOf(method: string, key: string, query: URLSearchParams): string {
  if (query.has('delete')) return 'DeleteObjects';
  if (query.has('uploads')) return method === 'GET' ? 'ListMultipartUploads' : 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    const names: Record<string, string> = {
      PUT: 'UploadPart',
      POST: 'CompleteMultipartUpload',
      DELETE: 'AbortMultipartUpload',
      GET: 'ListParts',
    };
    return names[method] ?? method;
  }
  if (key === '') return 'ListObjectsV2';
  const names: Record<string, string> = {
    PUT: 'PutObject',
    GET: 'GetObject',
    HEAD: 'HeadObject',
    DELETE: 'DeleteObject',
  };
  return names[method] ?? method;
}
