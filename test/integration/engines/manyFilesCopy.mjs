// Copies a folder twice in a process of its own, from what was built, and tells how much memory that took at most.
import { FileStorage } from '../../../dist/workflows/engines/storage/file.js';
import { copyInThread } from '../../../dist/workflows/engines/media/copyInThread.js';

const [directory, root] = process.argv.slice(2);
const rss = () => process.memoryUsage.rss();
let highest = 0;
setInterval(() => (highest = Math.max(highest, rss())), 50).unref();

const copy = (backupId, more) =>
  copyInThread({
    media: { in: 'folder', directory, settleMs: 0 },
    pace: null,
    storage: new FileStorage(root),
    place: { projectId: 'p', environmentId: 'e' },
    backupId,
    mark: 'run-1',
    onPack: async () => undefined,
    onPackDone: async () => undefined,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    stallMs: 600_000,
    ...more,
  });

const idle = rss();
const first = await copy('first', {});
const packs = first.packs.map(({ id }) => id);
const { key, sha256 } = first.scan;
const second = await copy('second', { previous: { key, sha256, bytes: first.size, packs }, readSinceMs: 0 });
process.stdout.write(
  JSON.stringify({
    idle,
    highest,
    files: second.files,
    written: second.packs.length,
    reused: second.reusedPacks.length,
  }),
);
process.exit(0);
