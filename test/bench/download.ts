import { link, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Downloads, type DownloadSeen } from '../support/downloads.js';
import type { Bench } from './bench.js';
import { makeUsualDatabase } from './benchDatabase.js';
import { BenchHoldfast } from './benchHoldfast.js';
import { makeMediaTree } from './mediaTree.js';
import { startNginx } from './nginx.js';
import { forgetPeak, memoryOf, timed } from './processFacts.js';
import { alone, byTurns, compared, median } from './rounds.js';
import { sized } from './sized.js';

const rounds = 5;
const readers = 50;
const mebibyte = 1024 * 1024;

/** Downloads: how soon there is a link, and how fast it is served. */
export const download: Bench = {
  name: 'download',
  question:
    'How long does it take from the request to a link, and how fast are files served beside nginx serving the same file?',
  run: async (say) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bench-'));
    const source = await makeUsualDatabase();
    const holdfast = await BenchHoldfast.start();
    const nginx = await startNginx(folder);
    try {
      const media = path.join(folder, 'media');
      makeMediaTree(media, sized(5_000), 4, sized(500) * 1_000_000);
      const environment = await holdfast.environment({
        databaseUrl: source.url,
        media: { directory: media },
      });
      const { backup } = await holdfast.backUp(environment, ['DATABASE', 'MEDIA']);
      const downloads = new Downloads(holdfast.api);
      const prepare = async (content: string): Promise<{ seconds: number; ready: DownloadSeen }> => {
        const begun = performance.now();
        const ready = await downloads.until(await downloads.begin(backup.id, [content]), ['SUCCEEDED']);
        return { seconds: (performance.now() - begun) / 1000, ready };
      };
      const once = async (content: string) => {
        const { seconds, ready } = await prepare(content);
        await downloads.revoke(ready.id);
        return seconds;
      };
      const links = await byTurns(
        rounds,
        { database: () => once('DATABASE'), media: () => once('MEDIA') },
        say,
      );
      const { ready } = await prepare('MEDIA');
      const [file] = ready.files;
      if (!file?.url) throw new Error('The download has no file.');
      const { url, size } = file;
      await link(await storedTar(holdfast, ready), path.join(folder, 'same.tar'));
      const { server } = (await holdfast.holdfast.ready()).processes;
      if (server === null) throw new Error('The server runs elsewhere.');
      const peaks: number[] = [];
      const many = async (address: string) => {
        await forgetPeak(server);
        const speed = await readAtOnce(address, readers, size);
        if (address === url) peaks.push((await memoryOf(server)).peak / mebibyte);
        return speed;
      };
      const peer = `${nginx.url}/same.tar`;
      const speeds = await byTurns(
        rounds,
        {
          one: () => readAtOnce(url, 1, size),
          nginxOne: () => readAtOnce(peer, 1, size),
          many: () => many(url),
          nginxMany: () => many(peer),
        },
        say,
      );
      return {
        rounds,
        rows: [
          alone('from the request to the link, a database', 's', links.database, 'under 1'),
          alone('from the request to the link, media', 's', links.media),
          compared(
            'one reader, beside nginx',
            'MB/s',
            { ours: speeds.one, peer: speeds.nginxOne },
            'at least 0.8',
          ),
          compared(
            `${readers} readers, beside nginx`,
            'MB/s',
            { ours: speeds.many, peer: speeds.nginxMany },
            'at least 0.8',
          ),
          alone(`memory of the server with ${readers} readers, at most`, 'MiB', [median(peaks)], 'under 200'),
        ],
        notes: [
          `The tar of the media has ${Math.round(size / 1e6)} MB and lies in the page cache; curl reads it and throws it away, on the same cores.`,
          'nginx: one process, sendfile. Holdfast asks who comes and writes the audit log first.',
        ],
      };
    } finally {
      await nginx.stop();
      await holdfast.stop();
      await source.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Megabytes a second of all readers together. */
async function readAtOnce(url: string, count: number, size: number): Promise<number> {
  const { seconds } = await timed(
    'seq "$1" | xargs -P "$1" -I{} curl -sf -o /dev/null "$2"',
    [String(count), url],
    {},
  );
  return (count * size) / 1e6 / seconds;
}

async function storedTar(holdfast: BenchHoldfast, { id }: DownloadSeen): Promise<string> {
  const found = await holdfast.storedFiles();
  const tar = found.find((file) => file.includes(`/downloads/${id}/`) && file.endsWith('/media.tar'));
  if (!tar) throw new Error('The tar of the download is not in storage.');
  return tar;
}
