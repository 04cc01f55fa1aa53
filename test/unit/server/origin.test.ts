import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { OwnOrigins } from '../../../server/http/origin.js';

/** A request with these headers. */
function requestWith(headers: IncomingHttpHeaders): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

const settings = { publicUrl: 'https://backups.example.org/inside', PORT: 4000, HOLDFAST_PROXIES: 0 };
const origins = new OwnOrigins(settings);
const foreign = (origin: string) => origins.isForeign(requestWith({ origin }));

describe('a page’s origin', () => {
  it.each(['https://backups.example.org', 'http://127.0.0.1:4000', 'http://localhost:4000'])(
    'is ours: %s',
    (origin) => {
      expect(foreign(origin)).toBe(false);
    },
  );

  it.each([
    'https://evil.example',
    'http://backups.example.org',
    'https://backups.example.org:8443',
    'https://backups.example.org.evil.example',
    'https://x.backups.example.org',
    'https://backups.example.org/',
    'https://backups.example.org@evil.example',
    'http://127.0.0.1:4001',
    'http://127.0.0.1',
    'https://localhost:4000',
    'null',
    '',
  ])('is foreign: %j', (origin) => {
    expect(foreign(origin)).toBe(true);
  });

  it('is none where a program asks', () => {
    expect(origins.isForeign(requestWith({}))).toBe(false);
  });

  it('leaves out a port that goes without saying', () => {
    const plain = new OwnOrigins({ ...settings, publicUrl: 'https://backups.example.org:443' });
    expect(plain.isForeign(requestWith({ origin: 'https://backups.example.org' }))).toBe(false);
  });

  it('is never taken from the Host header', () => {
    expect(origins.isForeign(requestWith({ origin: 'https://evil.example', host: 'evil.example' }))).toBe(
      true,
    );
  });
});

describe('the address that a browser has open', () => {
  const elsewhere = (host: string, of = origins) => of.isElsewhere(requestWith({ host }));

  it.each(['backups.example.org', 'Backups.Example.org', '127.0.0.1:4000', 'localhost:4000'])(
    'is ours: %s',
    (host) => {
      expect(elsewhere(host)).toBe(false);
    },
  );

  it.each(['127.0.0.1:9000', 'holdfast.local:4000', 'backups.example.org:8443', '127.0.0.1'])(
    'is another one: %s',
    (host) => {
      expect(elsewhere(host)).toBe(true);
    },
  );

  it('is not known where a proxy stands before it, or nothing is said', () => {
    expect(elsewhere('server:4000', new OwnOrigins({ ...settings, HOLDFAST_PROXIES: 1 }))).toBe(false);
    expect(origins.isElsewhere(requestWith({}))).toBe(false);
  });
});

describe('a cookie', () => {
  const ours = 'https://backups.example.org';

  it.each([
    [{ origin: ours, 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: ours }, true],
    [{}, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: ours, 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
  ])('with %j speaks for its sender: %s', (headers, may) => {
    expect(origins.mayUseCookie(requestWith(headers))).toBe(may);
  });
});
