import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

/** Answers what broke before it reached the API (an address or a body that cannot be read) in the API’s own form. */
export function refuseInJson(log: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error }, 'a fault before the API');
    const code = status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST';
    response
      .status(status)
      .json({ errors: [{ message: messageFor(status, request), extensions: { code } }] });
  };
}

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'status') : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

function messageFor(status: number, request: Request): string {
  if (status === 404) return 'There is nothing at this address: load the page again.';
  if (status === 413) return 'The request is too large: send at most 1 MB.';
  if (status < 500 && request.method === 'GET') return 'The address cannot be read: correct it.';
  if (status < 500) return 'The request cannot be read: send JSON.';
  return 'Something went wrong on our side. Try again; if it stays, tell support staff.';
}
