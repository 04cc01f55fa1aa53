import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { keysOf, type DocumentSeen, type StorageTree } from './storageTree.js';

const run = promisify(execFile);

/** What reading a backup’s stored bytes found, without Holdfast’s help. */
export interface ReadBack {
  /** Lines of the dump’s list of contents. */
  listed: number;
  files: number;
  /** What does not agree with what was recorded; empty where all is well. */
  wrong: string[];
}

/** Reads everything that a sealed backup is made of: the dump by stock pg_restore, each file by its hash. */
export async function readBack(
  storage: StorageTree,
  document: DocumentSeen,
  postgresPrograms: string,
): Promise<ReadBack> {
  const found: ReadBack = { listed: 0, files: 0, wrong: [] };
  for (const part of document.parts) {
    const file = path.join(storage.root, part.key);
    switch (part.content) {
      case 'DATABASE': {
        if ((await hashOf(file)) !== part.sha256) found.wrong.push('the dump’s hash');
        const restore = path.join(postgresPrograms, 'pg_restore');
        const { stdout } = await run(restore, ['-l', file], { maxBuffer: 64 * 1024 * 1024 });
        found.listed = stdout.split('\n').filter((line) => /^\d+;/.test(line)).length;
        await run(restore, ['-f', '/dev/null', file]);
        break;
      }
      case 'MEDIA': {
        const lines = gunzipSync(await readFile(file));
        if (sha256(lines) !== part.sha256) found.wrong.push('the manifest’s hash');
        await readMedia(storage, document, lines.toString('utf8'), found);
      }
    }
  }
  return found;
}

interface Location {
  sha256: string;
  offset: number;
  size: number;
}

/** Every file that the manifest names must lie in a pack, byte for byte. */
async function readMedia(
  storage: StorageTree,
  document: DocumentSeen,
  manifest: string,
  found: ReadBack,
): Promise<void> {
  const held = new Set<string>();
  for (const key of keysOf(document).filter((each) => each.endsWith('.tar'))) {
    const index = gunzipSync(await readFile(path.join(storage.root, key.replace(/\.tar$/, '.idx.jsonl.gz'))));
    const pack = await open(path.join(storage.root, key), 'r');
    try {
      for (const { sha256: hash, offset, size } of jsonLines<Location>(index.toString('utf8'))) {
        const { buffer, bytesRead } = await pack.read(Buffer.alloc(size), 0, size, offset);
        if (bytesRead === size && sha256(buffer) === hash) held.add(hash);
        else found.wrong.push(`${hash} in ${key}`);
      }
    } finally {
      await pack.close();
    }
  }
  for (const entry of jsonLines<{ type: string; path?: string; sha256?: string; problem?: string }>(
    manifest,
  )) {
    if (entry.problem) found.wrong.push(`${entry.path}: ${entry.problem}`);
    if (entry.type !== 'file') continue;
    found.files += 1;
    if (!entry.sha256 || !held.has(entry.sha256)) found.wrong.push(`${entry.path} is in no pack`);
  }
}

function jsonLines<Line>(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
