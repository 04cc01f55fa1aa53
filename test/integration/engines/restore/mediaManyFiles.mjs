// Copies a folder, or stages what was copied, in a process of its own, from what was built; tells how much memory that
// took at most, and how long.
import { FileStorage } from '../../../../dist/workflows/engines/storage/file.js';
import { copyInThread } from '../../../../dist/workflows/engines/media/copyInThread.js';
import { stageMediaInThread } from '../../../../dist/workflows/engines/media/restore/stageMediaInThread.js';

const [deed, directory, root, told] = process.argv.slice(2);
const storage = new FileStorage(root);
const place = { projectId: 'p', environmentId: 'e' };
const common = {
  storage,
  place,
  signal: new AbortController().signal,
  stallMs: 600_000,
  onProgress: () => undefined,
};
const rss = () => process.memoryUsage.rss();

async function copy() {
  const { manifest, size, files, entries, packs } = await copyInThread({
    ...common,
    media: { in: 'folder', directory, settleMs: 0 },
    pace: null,
    backupId: 'first',
    mark: 'run-1',
    onPack: async () => undefined,
    onPackDone: async () => undefined,
  });
  const { key, sha256 } = manifest;
  return { content: 'MEDIA', key, sha256, size, files, entries, packs: packs.map(({ id }) => id) };
}

async function stage() {
  const idle = rss();
  let highest = idle;
  setInterval(() => (highest = Math.max(highest, rss())), 50).unref();
  const begun = performance.now();
  const target = { in: 'folder', directory, owner: null, mode: 0o755 };
  const { files, bytes } = await stageMediaInThread({ ...common, part: JSON.parse(told), target });
  return { files, bytes, grown: highest - idle, ms: performance.now() - begun };
}

process.stdout.write(JSON.stringify(await (deed === 'copy' ? copy() : stage())));
process.exit(0);
