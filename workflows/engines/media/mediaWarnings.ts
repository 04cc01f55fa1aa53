import type { Finding } from '#schema/domain';
import { bytesOf } from './bytePath.js';
import type { MediaSource, Unread } from './source.js';

type Words = Pick<MediaSource, 'noun' | 'reader'>;

const sentences: Record<Unread['cause'], readonly [code: string, sentence: (reader: string) => string]> = {
  vanished: ['MEDIA_FILE_VANISHED', () => 'vanished while they were read and could not be kept'],
  unreadable: [
    'MEDIA_FILE_UNREADABLE',
    (reader) => `could not be read and are not in the backup: let ${reader} read them`,
  ],
  changed: ['MEDIA_FILE_CHANGED', () => 'changed each time they were read and are not in the backup'],
  special: ['MEDIA_FILE_SPECIAL', () => 'are pipes, sockets or devices, which a backup cannot hold'],
  name: [
    'MEDIA_FILE_NAME',
    () => 'have names that no folder can hold and are not in the backup: give them others',
  ],
};

const shown = 5;
const longestPath = 200;

/** Gathers what could not be kept: one finding for each cause, with the number and the first few paths. */
export class MediaWarnings {
  private readonly seen = new Map<Unread['cause'], { count: number; paths: string[] }>();

  constructor(private readonly words: Words) {}

  add(cause: Unread['cause'], path: string): void {
    const group = this.seen.get(cause) ?? { count: 0, paths: [] };
    group.count += 1;
    if (group.paths.length < shown) {
      group.paths.push(
        `“${bytesOf(path)
          .toString('utf8')
          .replace(/\p{Cc}/gu, '?')
          .slice(0, longestPath)}”`,
      );
    }
    this.seen.set(cause, group);
  }

  findings(): Finding[] {
    return [...this.seen].map(([cause, { count, paths }]) => {
      const [code, sentence] = sentences[cause];
      const more = count > paths.length ? ', …' : '';
      return {
        code,
        message: `Entries of the ${this.words.noun} that ${sentence(this.words.reader)}: ${count} (${paths.join(', ')}${more}).`,
      };
    });
  }
}
