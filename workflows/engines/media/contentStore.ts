import { textOf } from './bytePath.js';
import { HashTable } from './hashTable.js';
import type { PackWriter } from './packWriter.js';
import { hashLargeFile, packLargeFile, type StreamedFile } from './packLargeFile.js';
import type { KnownFile } from './scan/scanLine.js';
import type { EntryFacts, SmallFile, SourceFile, Unread } from './source.js';
import { tarFacts } from './tarEntry.js';

/** Answers which of these hashes (hex) are held already, and by which pack; such a pack is whole and stays. */
export type KnownHashes = (sha256: string[]) => Promise<Map<string, string>>;

/** Puts contents into packs, each once: what this backup or, where asked, an earlier one has stored is not stored again. */
export class ContentStore {
  private readonly table = new HashTable();
  /** Ids of packs by their number in the table. */
  private readonly packs: string[] = [];
  private readonly numbers = new Map<string, number>();
  private unnamed = 0;

  constructor(
    private readonly writer: PackWriter,
    private readonly knownHashes: KnownHashes | undefined,
  ) {}

  /** Asks, in one go, which of the contents are held already; to be called before they are added. */
  async recall(hashes: readonly Buffer[]): Promise<void> {
    if (!this.knownHashes || hashes.length === 0) return;
    const fresh = new Set<string>();
    for (const hash of hashes) if (this.table.get(hash) === null) fresh.add(hash.toString('hex'));
    if (fresh.size === 0) return;
    for (const [sha256, pack] of await this.knownHashes([...fresh])) {
      this.keep(Buffer.from(sha256, 'hex'), pack);
    }
  }

  async addSmall(path: string, { facts, content, sha256 }: SmallFile): Promise<KnownFile> {
    const held = this.packOf(sha256);
    if (held !== null) return toKnown(path, facts, sha256, held);
    const text = textOf(path);
    const name = text === null ? `by-hash/${sha256.toString('hex')}` : `media/${text}`;
    const { pack, offset } = await this.writer.begin({ name, ...tarFacts(facts) });
    await this.writer.write(content);
    await this.writer.finish(offset, content.length, sha256);
    return this.stored(toKnown(path, facts, sha256, pack), sha256);
  }

  /**
   * Streams a file that does not fit into memory. Only where earlier packs may hold it is it read twice; else a
   * duplicate is noticed too late and its bytes stay in the pack.
   */
  async addLarge(
    file: SourceFile,
    onBytes: (bytes: number) => void,
  ): Promise<{ facts: EntryFacts; known: KnownFile } | Unread> {
    const { path } = file;
    if (this.knownHashes) {
      const hashed = await hashLargeFile(file, () => onBytes(0));
      if ('problem' in hashed) return hashed;
      await this.recall([hashed.sha256]);
      const held = this.packOf(hashed.sha256);
      if (held !== null) {
        onBytes(hashed.facts.size);
        return { facts: hashed.facts, known: toKnown(path, hashed.facts, hashed.sha256, held) };
      }
    }
    const text = textOf(path);
    const name = text === null ? `by-hash/unnamed-${(this.unnamed += 1)}` : `media/${text}`;
    const packed = await packLargeFile(file, name, this.writer, onBytes);
    if ('problem' in packed) return packed;
    return { facts: packed.facts, known: this.streamed(path, packed) };
  }

  private streamed(path: string, { facts, sha256, pack }: StreamedFile & { pack: string }): KnownFile {
    // What was stored first stays what is told of.
    return this.stored(toKnown(path, facts, sha256, this.packOf(sha256) ?? pack), sha256);
  }

  private stored(known: KnownFile, sha256: Buffer): KnownFile {
    this.keep(sha256, known.pack);
    this.writer.list(known);
    return known;
  }

  private packOf(sha256: Buffer): string | null {
    const number = this.table.get(sha256);
    return number === null ? null : (this.packs[number] ?? null);
  }

  private keep(sha256: Buffer, pack: string): void {
    let number = this.numbers.get(pack);
    if (number === undefined) {
      number = this.packs.push(pack) - 1;
      this.numbers.set(pack, number);
    }
    this.table.add(sha256, number);
  }
}

function toKnown(path: string, facts: EntryFacts, sha256: Buffer, pack: string): KnownFile {
  const { size, mtimeNs, fingerprint } = facts;
  return { path, size, mtimeNs: mtimeNs.toString(), fingerprint, sha256: sha256.toString('hex'), pack };
}
