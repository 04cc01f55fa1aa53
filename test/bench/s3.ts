import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { S3Server } from '../support/s3Server.js';
import type { Bench } from './bench.js';
import { compared, interleaved } from './rounds.js';
import { sized } from './sized.js';

const run = promisify(execFile);
const rounds = 7;
const writer = fileURLToPath(new URL('./s3Writer.mjs', import.meta.url));

/** Holdfast’s own writer against the SDK’s. */
export const s3: Bench = {
  name: 's3',
  question:
    'How fast does a stream of 512 MiB reach an S3 server on the same machine, beside the AWS SDK’s `Upload` with its default settings?',
  run: async (say) => {
    const server = await S3Server.start();
    try {
      const bucket = await server.makeBucket();
      const mebibytes = sized(512);
      const once = (who: Writer) => upload(server, bucket, who, mebibytes);
      const peaks = { dump: [] as number[], pack: [] as number[], sdk: [] as number[] };
      const speed = async (who: Writer) => {
        const { seconds, peakBytes } = await once(who);
        peaks[who].push(peakBytes / 1024 ** 2);
        await server.removeObject(bucket, `bench/${who}`);
        return mebibytes / seconds;
      };
      say('a dump: hashed on its way');
      const dump = await interleaved(
        rounds,
        () => speed('dump'),
        () => speed('sdk'),
        say,
      );
      const beside = { dump: peaks.dump.slice(1), sdk: peaks.sdk.slice(1) };
      peaks.sdk.length = 0;
      say('a pack: its contents were hashed one by one');
      const pack = await interleaved(
        rounds,
        () => speed('pack'),
        () => speed('sdk'),
        say,
      );
      return {
        rounds,
        rows: [
          compared('a dump, hashed on its way', 'MiB/s', dump, 'at least 1.3'),
          compared('a pack', 'MiB/s', pack, 'at least 1.3'),
          compared('peak memory, a dump', 'MiB', { ours: beside.dump, peer: beside.sdk }, 'at most 1'),
          compared(
            'peak memory, a pack',
            'MiB',
            { ours: peaks.pack.slice(1), peer: peaks.sdk.slice(1) },
            'at most 1',
          ),
        ],
        notes: [
          'Each part has a CRC-32 that the server compares, here and there; Holdfast looks at the object afterwards as well.',
          'The server (versitygw) shares the cores and the disk. Memory is that of the whole process.',
        ],
      };
    } finally {
      await server.remove();
    }
  },
};

type Writer = 'dump' | 'pack' | 'sdk';

async function upload(
  server: S3Server,
  bucket: string,
  who: Writer,
  mebibytes: number,
): Promise<{ seconds: number; peakBytes: number }> {
  const { accessKeyId, secretAccessKey } = server.keys;
  const { stdout } = await run(process.execPath, [writer, who, server.endpoint, bucket, String(mebibytes)], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  });
  return JSON.parse(stdout) as { seconds: number; peakBytes: number };
}
