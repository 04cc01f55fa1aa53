import { exactDay } from '../ui/timeWords.js';
import { contentsInWords, stageWords } from '../words.js';
import type { Content, Stage } from '#schema/domain';

interface Named {
  contents: readonly Content[];
  sourceDescription: string;
  origin: { name: string; slug: string; stage: Stage } | null;
  source: { takenAt: string | null; createdAt: string } | null;
}

/** Which backup it is of, e.g. `22 Nov 2026, 14:05`; null where the backup is gone, or may not be seen. */
export function sourceTime({ source }: Pick<Named, 'source'>): string | null {
  return source ? (source.takenAt ?? source.createdAt) : null;
}

/** What a download is called in labels and dialogs, e.g. `database and media of Shop (Live), 22 Nov 2026, 14:05`. */
export function nameOf(download: Named): string {
  const what = contentsInWords(download.contents).toLowerCase();
  const at = sourceTime(download);
  if (!download.origin || !at) return `${what} of ${download.sourceDescription}`;
  const { name, stage } = download.origin;
  const where =
    name.toLowerCase() === stageWords[stage].toLowerCase() ? name : `${name} (${stageWords[stage]})`;
  return `${what} of ${where}, ${exactDay(at)}`;
}
