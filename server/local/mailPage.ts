import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { htmlFrame, listPage, messagePage, STYLE } from './mailHtml.js';
import { listMessages, MESSAGE_NAME } from './mailSummaries.js';
import { oneLine } from './refusal.js';

interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
  policy: string;
}

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// A mail may style itself and show its own pictures; it runs nothing and loads nothing from anywhere.
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; " +
  "form-action 'none'; frame-ancestors 'self'";

/**
 * The inbox's page: the messages in `folder`, newest first, and each with its parts and its source.
 * Answers only to its own loopback names, so that no web site reads the mail through a name of its own.
 */
export function mailPage(folder: string, port: number): Server {
  const ownNames = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return createServer((request, response) => {
    answerTo(request, folder, ownNames).then(
      (answer) => send(response, request, answer),
      (error: unknown) => send(response, request, plain(500, `This cannot be shown: ${oneLine(error)}`)),
    );
  });
}

async function answerTo(request: IncomingMessage, folder: string, ownNames: Set<string>): Promise<Answer> {
  if (!ownNames.has(request.headers.host ?? '')) return plain(421, 'Open this page by its own address.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'This page can only be read.');
  const [place = '', name = '', part = ''] = new URL(request.url ?? '/', 'http://inbox').pathname
    .slice(1)
    .split('/');
  if (place === '') return page(listPage(await listMessages(folder)));
  if (place === 'style.css') return { status: 200, type: 'text/css', body: STYLE, policy: PAGE_POLICY };
  if (place !== 'messages' || !MESSAGE_NAME.test(name)) return plain(404, 'There is nothing here.');
  return message(path.join(folder, name), name, part);
}

async function message(file: string, name: string, part: string): Promise<Answer> {
  const source = await readFile(file).catch(() => undefined);
  if (source === undefined) return plain(404, 'This message is not there.');
  if (part === 'source')
    return { status: 200, type: 'text/plain; charset=utf-8', body: source, policy: PAGE_POLICY };
  const mail = await simpleParser(source);
  if (part === '') return page(messagePage(name, mail));
  if (part !== 'html' || !mail.html) return plain(404, 'There is nothing here.');
  return { status: 200, type: 'text/html; charset=utf-8', body: htmlFrame(mail.html), policy: MAIL_POLICY };
}

function page(body: string): Answer {
  return { status: 200, type: 'text/html; charset=utf-8', body, policy: PAGE_POLICY };
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, policy: PAGE_POLICY };
}

function send(response: ServerResponse, request: IncomingMessage, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-security-policy': answer.policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}
