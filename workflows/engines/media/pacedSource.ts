import type { Pace } from '../pace.js';
import type { MediaSource, OpenMedia, ReadSmall, SourceFile } from './source.js';

/** The same media, read no faster than the pace allows. What is not read takes no time. */
export function pacedSource(source: MediaSource, pace: Pace): MediaSource {
  return {
    ...source,
    async open(order) {
      const media = await source.open(order);
      return pacedMedia(media, async (bytes) => pace.turn(bytes, order.signal));
    },
  };
}

type Turn = (bytes: number) => Promise<void>;

function pacedMedia(media: OpenMedia, turn: Turn): OpenMedia {
  return {
    bytes: media.bytes,
    *walk() {
      for (const walked of media.walk()) yield walked.kind === 'file' ? pacedFile(walked, turn) : walked;
    },
    noteKnown: () => media.noteKnown(),
    requireSame: () => media.requireSame(),
    close: () => media.close(),
  };
}

function pacedFile(file: SourceFile, turn: Turn): SourceFile {
  return {
    ...file,
    async readSmall(limit, take): Promise<ReadSmall> {
      const small = await file.readSmall(limit, take);
      if (small && 'content' in small) await turn(small.content.length);
      return small;
    },
    withContent: (use) =>
      file.withContent((content) =>
        use({
          ...content,
          read: (onPiece) =>
            content.read(async (piece) => {
              await onPiece(piece);
              await turn(piece.length);
            }),
        }),
      ),
  };
}
