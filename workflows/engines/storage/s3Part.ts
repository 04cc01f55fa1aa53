import { open, unlink, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { StepProblem } from '../stepProblem.js';
import { systemCode } from '../systemCode.js';
import type { S3PartMemory } from './s3PartMemory.js';

/** A part that is being filled, and can then be sent as often as it takes. */
export interface Part {
  readonly length: number;
  readonly isFull: boolean;
  /** Takes as much of a piece as there is room for; answers with how many bytes that was. */
  take(piece: Buffer): Promise<number>;
  /** What to send, anew for each try, with the checksum that the server compares. */
  body(): { Body: Buffer | Readable; ChecksumCRC32: string };
  /** Whether the SDK can send the body twice. */
  readonly isMemory: boolean;
  /** Gives its room back. */
  release(): Promise<void>;
}

/** Larger parts do not lie in memory. */
const memoryPartBytes = 16 * 1024 * 1024;
const beginBytes = 1024 * 1024;

/** A part of so many bytes: in memory, or in a temporary file where it is large. */
export async function openPart(size: number, memory: S3PartMemory): Promise<Part> {
  return size <= memoryPartBytes ? new MemoryPart(size, memory) : new FilePart(size, await temporaryFile());
}

/** Small until it is known that more comes: most objects are. */
class MemoryPart implements Part {
  readonly isMemory = true;
  length = 0;
  private checksum = 0;
  private bytes: Buffer;

  constructor(
    private readonly size: number,
    private readonly memory: S3PartMemory,
  ) {
    this.bytes = memory.take(size, Math.min(size, beginBytes));
  }

  get isFull(): boolean {
    return this.length === this.size;
  }

  async take(piece: Buffer): Promise<number> {
    const taken = Math.min(piece.length, this.size - this.length);
    if (this.length + taken > this.bytes.length) {
      const small = this.bytes;
      this.bytes = this.memory.take(this.size, this.size);
      small.copy(this.bytes, 0, 0, this.length);
      this.memory.give(small, false);
    }
    piece.copy(this.bytes, this.length, 0, taken);
    this.checksum = crc32(piece.subarray(0, taken), this.checksum);
    this.length += taken;
    return taken;
  }

  body(): { Body: Buffer; ChecksumCRC32: string } {
    return { Body: this.bytes.subarray(0, this.length), ChecksumCRC32: inBase64(this.checksum) };
  }

  async release(): Promise<void> {
    this.memory.give(this.bytes, this.bytes.length === this.size);
    this.bytes = Buffer.alloc(0);
  }
}

/** The file has no name any more: it ends with the process, however that ends. */
class FilePart implements Part {
  readonly isMemory = false;
  length = 0;
  private checksum = 0;

  constructor(
    private readonly size: number,
    private readonly file: FileHandle,
  ) {}

  get isFull(): boolean {
    return this.length === this.size;
  }

  async take(piece: Buffer): Promise<number> {
    const taken = piece.subarray(0, this.size - this.length);
    for (let from = 0; from < taken.length;) {
      const { bytesWritten } = await explained(this.file.write(taken, from, undefined, this.length + from));
      from += bytesWritten;
    }
    this.checksum = crc32(taken, this.checksum);
    this.length += taken.length;
    return taken.length;
  }

  body(): { Body: Readable; ChecksumCRC32: string } {
    return {
      Body: this.file.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 }),
      ChecksumCRC32: inBase64(this.checksum),
    };
  }

  async release(): Promise<void> {
    await this.file.close();
  }
}

/** A CRC-32 as S3 writes it. */
export function inBase64(checksum: number): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(checksum);
  return sum.toString('base64');
}

async function temporaryFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `holdfast-part-${randomUUID()}`);
  const file = await explained(open(path, 'wx+', 0o600));
  await unlink(path);
  return file;
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error: unknown) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw new StepProblem(
      'STORAGE_FULL',
      `A large part for the backup storage could not be put down in ${tmpdir()} (${code})`,
      {
        cause: error,
        remedy: 'Free space there, or name another folder in the worker’s TMPDIR, then retry.',
      },
    );
  }
}
