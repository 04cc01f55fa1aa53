import type { Request, Response } from 'express';
import { plainPage, plainText, type PageWords } from './plainPage.js';

/** Whether a person looks at the answer. */
export function wantsPage({ headers }: Request): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

/** Answers in words: a page for people, lines for programs. */
export function say(request: Request, response: Response, status: number, words: PageWords): void {
  const asPage = wantsPage(request);
  response.status(status).type(asPage ? 'html' : 'text/plain');
  response.send(asPage ? plainPage(words) : plainText(words));
}
