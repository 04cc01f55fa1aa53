import type { Finding } from '#schema/domain';
import type { Unread } from './readFile.js';

const sentences = {
  vanished: ['MEDIA_FILE_VANISHED', 'vanished while the media folder was read and could not be kept'],
  unreadable: [
    'MEDIA_FILE_UNREADABLE',
    'could not be read and are not in the backup: let the worker’s user read them',
  ],
  changed: ['MEDIA_FILE_CHANGED', 'changed each time they were read and are not in the backup'],
  special: ['MEDIA_FILE_SPECIAL', 'are pipes, sockets or devices, which a backup cannot hold'],
} as const satisfies Record<Unread['cause'], readonly [code: string, sentence: string]>;

const shown = 5;

/** Gathers what could not be kept: one finding for each cause, with the number and the first few paths. */
export class MediaWarnings {
  private readonly seen = new Map<Unread['cause'], { count: number; paths: string[] }>();

  add(cause: Unread['cause'], path: Buffer): void {
    const group = this.seen.get(cause) ?? { count: 0, paths: [] };
    group.count += 1;
    if (group.paths.length < shown) group.paths.push(`“${path.toString('utf8').replace(/\p{Cc}/gu, '?')}”`);
    this.seen.set(cause, group);
  }

  findings(): Finding[] {
    return [...this.seen].map(([cause, { count, paths }]) => {
      const [code, sentence] = sentences[cause];
      const more = count > paths.length ? ', …' : '';
      return {
        code,
        message: `Entries of the media folder that ${sentence}: ${count} (${paths.join(', ')}${more}).`,
      };
    });
  }
}
