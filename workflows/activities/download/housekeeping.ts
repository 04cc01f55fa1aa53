import { inRounds } from '../inRounds.js';
import type { WorkerTools } from '../workerTools.js';
import { clearDownloads } from './clearDownloads.js';
import { tendMails } from './tendMails.js';

const everyMs = 10_000;
const lockId = 4_846_003;

/**
 * What no run of a download does any more: removes files whose time is over and what ended runs left, and begins mails that
 * were forgotten. Answers with what ends it.
 */
export function startDownloadHousekeeping(tools: WorkerTools): () => void {
  return inRounds(tools, {
    lockId,
    everyMs,
    what: 'the downloads’ housekeeping',
    round: async (stop) => {
      await tendMails(tools, stop);
      await clearDownloads(tools, stop);
    },
  });
}
