import { beforeAll, beforeEach } from 'vitest';
import type { Download, DownloadFile } from '#schema/entities';
import { api } from './restoreFixture.js';
import {
  get,
  makeDownload,
  makeFile,
  operator,
  see,
  serve,
  useDownloads,
  type Site,
} from './downloadFixture.js';

/** A site for each test, which has its own count of refusals; `open` gives files to whoever has an open link. */
export let site: Site;
export let open: Site;
/** A download with a file and its bytes, anew for each test. */
export let download: Download;
export let file: DownloadFile;
export let bytes: Buffer;
/** What a browser sends. */
export const page = { accept: 'text/html,application/xhtml+xml' };
/** What a program sends. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Has all of the above made for the tests of a file. */
export function useFiles(): void {
  useDownloads();
  beforeAll(async () => {
    site = await serve();
    open = await serve({ HOLDFAST_OPEN_LINKS: 'on' });
  });
  beforeEach(async () => {
    await site.stop();
    site = await serve();
    download = await makeDownload();
    ({ file, bytes } = await makeFile(download));
  });
}

/** The file as the operator’s program gets it. */
export const mine = (headers: Record<string, string> = {}, method = 'GET') =>
  get(site.at(file), { ...bearer(operator.token), ...headers }, method);
/** All that was answered. */
export const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
/** The address that the API gives somebody. */
export const minted = async (token = operator.token) =>
  site.here((await see(download.id, token))?.files[0]?.url ?? 'http://127.0.0.1/none');
/** The address in a mail where links are open. */
export const openLink = (untilMs = Date.now() + 60_000) =>
  `?key=${api.tools.fileLinks.sign({ downloadId: download.id, name: file.name, untilMs, minted: null })}`;
