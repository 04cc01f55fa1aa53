import express, { Router, type Response } from 'express';
import { emailProblem, toEmail } from '#schema/domain';
import { User } from '#schema/entities';
import type { Tools } from '../graph/context.js';
import type { OwnOrigins } from '../http/origin.js';
import { elsewherePage } from './elsewherePage.js';
import { ownPath } from './ownPath.js';
import { RequestLimit } from './requestLimit.js';
import { beginSession, endSession, sessionCookieName, sessionSecret } from './sessions.js';
import { createSignInLink, useSignInLink } from './signInLinks.js';
import { signInMail } from './signInMail.js';

const linkMinutes = 15;

/**
 * Signing in and out by browser. `POST /session/link {email, next}` mails a link, which carries where to go afterwards; the
 * page that it opens does `POST /session {token}`; `DELETE /session` signs out. `GET /sign-in/<token>` is the one-time link of the start-up
 * banner, which is never mailed and so never met by a mail scanner. Under an address where no session could be used it
 * is not used up.
 */
export function sessionRoutes({ catalogue, settings, mailer }: Tools, origins: OwnOrigins): Router {
  const cookie = sessionCookieName(settings.publicUrl);
  const secure = settings.publicUrl.startsWith('https:');
  const perAddress = new RequestLimit(20, 15 * 60_000);
  const perPerson = new RequestLimit(5, 15 * 60_000);
  const router = Router();

  const setCookie = (response: Response, secret: string) =>
    response.cookie(cookie, secret, {
      httpOnly: true,
      sameSite: 'lax',
      secure,
      path: '/',
      // As long as browsers allow: when the session ends, the catalogue says.
      maxAge: 400 * 86_400_000,
    });

  router.use(['/session', '/session/link'], express.json({ limit: '10kb' }), (request, response, next) => {
    if (origins.isForeign(request))
      response.status(403).json({ message: `This page is not Holdfast’s own: open ${settings.publicUrl}.` });
    else next();
  });

  router.post('/session/link', async (request, response) => {
    const email = toEmail(textOf(request.body, 'email'));
    const allowed = perAddress.take(request.ip ?? '') && perPerson.take(email);
    if (!allowed) {
      response.status(429).json({ message: 'Too many links were asked for: wait a quarter of an hour.' });
      return;
    }
    // Whether there is such an account shows neither in the answer nor in how long it takes.
    response.status(204).end();
    const user =
      emailProblem(email) === null ? await catalogue.getRepository(User).findOneBy({ email }) : null;
    if (!user || !mailer) return;
    const secret = await createSignInLink(catalogue, user.id, 'hfl_', linkMinutes);
    const next = ownPath(textOf(request.body, 'next'), settings.publicUrl);
    const page = `${settings.publicUrl}/sign-in${next ? `?${new URLSearchParams({ next }).toString()}` : ''}`;
    await mailer.send(signInMail(user, `${page}#token=${secret}`, linkMinutes));
  });

  router.post('/session', async (request, response) => {
    const userId = await useSignInLink(catalogue, 'hfl_', textOf(request.body, 'token'));
    if (!userId) {
      response.status(410).json({ message: 'This link was used or has expired: ask for a new one.' });
      return;
    }
    setCookie(response, await beginSession(catalogue, userId))
      .status(204)
      .end();
  });

  router.delete('/session', async (request, response) => {
    const secret = sessionSecret(request, cookie);
    if (secret) await endSession(catalogue, secret);
    response.clearCookie(cookie, { httpOnly: true, sameSite: 'lax', secure, path: '/' }).status(204).end();
  });

  router.get('/sign-in/:token', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    if (origins.isElsewhere(request)) {
      response.status(421).type('html').send(elsewherePage(settings.publicUrl, request.params.token));
      return;
    }
    // A preview asks by HEAD: it must not use the link up.
    const isOpened = request.method === 'GET';
    const userId = isOpened ? await useSignInLink(catalogue, 'hfb_', request.params.token) : null;
    if (!userId) {
      response.redirect(303, '/sign-in?problem=expired');
      return;
    }
    setCookie(response, await beginSession(catalogue, userId)).redirect(303, '/');
  });
  return router;
}

function textOf(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : '';
}
