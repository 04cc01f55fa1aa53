// One upload of the bench `s3`, in a process of its own: how much memory it takes is the process’s own.
//   s3Writer.mjs dump|pack|sdk <endpoint> <bucket> <MiB>    keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
// `dump` hashes all bytes on their way, `pack` does not; `sdk` is lib-storage’s Upload with its default settings.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { openStorage } from '../../dist/workflows/engines/storage/openStorage.js';

const [who, endpoint, bucket, count] = process.argv.slice(2);
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const mebibyte = 1024 * 1024;
const pieceBytes = 64 * 1024;
const bytes = Number(count) * mebibyte;
const content = randomBytes(16 * mebibyte);
const key = `bench/${who}`;
const keys = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
};

const upload = who === 'sdk' ? bySdk() : await byHoldfast();
const begun = performance.now();
await upload(Readable.from(pieces()));
const seconds = (performance.now() - begun) / 1000;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({ seconds, peakBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }),
);
process.exit(0);

function bySdk() {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: keys });
  return (Body) => new Upload({ client, params: { Bucket: bucket, Key: key, Body } }).done();
}

async function byHoldfast() {
  const storage = openStorage({
    s3: {
      ...{ endpoint, region: null, keys, bucket, prefix: '' },
      ...{ maxParts: 10_000, equalParts: false, patienceMs: 20_000 },
    },
  });
  await storage.probe();
  const signal = new AbortController().signal;
  return (source) => storage.write(key, source, { signal, expectedBytes: bytes, hash: who === 'dump' });
}

/** The same in every process’s eyes: pieces as pipes give them. */
function* pieces() {
  for (let at = 0; at < bytes; at += pieceBytes) {
    const from = at % content.length;
    yield content.subarray(from, from + pieceBytes);
  }
}
