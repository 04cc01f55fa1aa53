import { isUtf8 } from 'node:buffer';
import { HashSet } from './hashSet.js';
import type { PackWriter } from './packWriter.js';
import { hashLargeFile, packLargeFile, type StreamedFile } from './packLargeFile.js';
import type { SmallFile } from './readSmallFile.js';
import type { SourceFile, Unread } from './source.js';
import { tarFacts } from './tarEntry.js';

/** Answers which of these hashes are held already, and by which pack. */
export type KnownHashes = (sha256: string[]) => Promise<Map<string, string>>;

/** The most that a pack takes in one piece. */
const pieceBytes = 1024 * 1024;

/** Puts contents into packs, each once: what this backup or, where asked, an earlier one has stored is not stored again. */
export class ContentStore {
  /** Packs of earlier backups that this one relies on. */
  readonly reused = new Set<string>();
  private readonly stored = new HashSet();
  private unnamed = 0;

  constructor(
    private readonly writer: PackWriter,
    private readonly knownHashes: KnownHashes | undefined,
  ) {}

  /** Asks, in one go, which of the contents are held already; to be called before they are added. */
  async recall(hashes: readonly Buffer[]): Promise<void> {
    const fresh = hashes.filter((hash) => !this.stored.has(hash)).map((hash) => hash.toString('hex'));
    if (!this.knownHashes || fresh.length === 0) return;
    for (const [sha256, packId] of await this.knownHashes([...new Set(fresh)])) {
      this.stored.add(Buffer.from(sha256, 'hex'));
      this.reused.add(packId);
    }
  }

  async addSmall(path: Buffer, { facts, content, sha256 }: SmallFile): Promise<void> {
    if (this.stored.has(sha256)) return;
    const name = isUtf8(path) ? `media/${path.toString('utf8')}` : `by-hash/${sha256.toString('hex')}`;
    const offset = await this.writer.begin({ name, ...tarFacts(facts) });
    for (let from = 0; from < content.length; from += pieceBytes) {
      await this.writer.write(content.subarray(from, from + pieceBytes));
    }
    await this.writer.finish(offset, content.length, sha256);
    this.stored.add(sha256);
  }

  /**
   * Streams a file that does not fit into memory. Only where earlier packs may hold it is it read twice; else a
   * duplicate is noticed too late and its bytes stay in the pack.
   */
  async addLarge(file: SourceFile, onBytes: (bytes: number) => void): Promise<StreamedFile | Unread> {
    if (this.knownHashes) {
      const hashed = await hashLargeFile(file, () => onBytes(0));
      if ('problem' in hashed) return hashed;
      await this.recall([hashed.sha256]);
      if (this.stored.has(hashed.sha256)) {
        onBytes(hashed.facts.size);
        return hashed;
      }
    }
    const { path } = file;
    const name = isUtf8(path) ? `media/${path.toString('utf8')}` : `by-hash/unnamed-${(this.unnamed += 1)}`;
    const packed = await packLargeFile(file, name, this.writer, onBytes);
    if (!('problem' in packed)) this.stored.add(packed.sha256);
    return packed;
  }
}
