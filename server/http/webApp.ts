import path from 'node:path';
import express, { Router } from 'express';

/** The built web app: hashed assets for ever, its one page for every other address. */
export function webApp(directory: string): Router {
  const router = Router();
  router.use(
    '/assets',
    express.static(path.join(directory, 'assets'), {
      immutable: true,
      maxAge: '1y',
      index: false,
      fallthrough: false,
    }),
  );
  router.use(express.static(directory, { index: false, maxAge: 0 }));
  router.get('/*page', (request, response, next) => {
    if (!request.accepts('html')) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(path.resolve(directory, 'index.html'));
  });
  router.get('/', (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(path.resolve(directory, 'index.html'));
  });
  return router;
}
