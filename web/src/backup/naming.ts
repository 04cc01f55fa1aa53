import type { Stage } from '#schema/domain';
import { exactDay } from '../ui/timeWords.js';
import { stageWords } from '../words.js';

/** What a backup is called in labels and dialogs, e.g. `backup of Shop live (Live), 22 Nov 2026, 14:05`. */
export function nameOf(backup: {
  takenAt: string | null;
  createdAt: string;
  environment: { name: string; stage: Stage };
}): string {
  const { name, stage } = backup.environment;
  const label =
    name.toLowerCase() === stageWords[stage].toLowerCase() ? name : `${name} (${stageWords[stage]})`;
  return `backup of ${label}, ${exactDay(backup.takenAt ?? backup.createdAt)}`;
}
