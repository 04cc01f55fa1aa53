import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A part as `backup.json` describes it. */
export interface PartSeen {
  content: 'DATABASE' | 'MEDIA';
  key: string;
  size: number;
  sha256: string;
  packs?: string[];
  scan?: { key: string; sha256: string };
  tableList?: { key: string; sha256: string };
}

/** `backup.json`. */
export interface DocumentSeen {
  id: string;
  project: { id: string };
  environment: { id: string };
  parts: PartSeen[];
}

/** What is in storage and should not be, and what should be and is not. */
export interface Explained {
  unexplained: string[];
  missing: string[];
}

/** The folder that Holdfast keeps backups in, as somebody sees it who does not know Holdfast. */
export class StorageTree {
  constructor(readonly root: string) {}

  /** Everything below a folder, unfinished writes included; keys, sorted. */
  async objects(folder = ''): Promise<string[]> {
    const found = await readdir(path.join(this.root, folder), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    return found
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name)))
      .sort();
  }

  /** Everything that lies in an environment’s folder. */
  async ofEnvironment(environmentId: string): Promise<string[]> {
    return (await this.objects()).filter((key) => key.includes(`/${environmentId}/`));
  }

  /** Everything that lies in a backup’s own folder. */
  async ofBackup(backupId: string): Promise<string[]> {
    return (await this.objects()).filter((key) => key.includes(`/backups/${backupId}/`));
  }

  /** The sealed description of a backup; null where it is not sealed. */
  async document(backupId: string): Promise<DocumentSeen | null> {
    const key = (await this.ofBackup(backupId)).find((each) => each.endsWith('/backup.json'));
    return key ? this.readDocument(key) : null;
  }

  /** Compares an environment’s folder with what its sealed backups say that they are made of. */
  async explain(environmentId: string): Promise<Explained> {
    const there = await this.ofEnvironment(environmentId);
    const sealed = there.filter((key) => /\/backups\/[^/]+\/backup\.json$/.test(key));
    const named = new Set(sealed);
    for (const key of sealed) for (const part of keysOf(await this.readDocument(key))) named.add(part);
    return {
      unexplained: there.filter((key) => !named.has(key)),
      missing: [...named].filter((key) => !there.includes(key)),
    };
  }

  private async readDocument(key: string): Promise<DocumentSeen> {
    return JSON.parse(await readFile(path.join(this.root, key), 'utf8')) as DocumentSeen;
  }
}

/** Every object that a sealed backup is made of, beside its description. */
export function keysOf({ project, environment, parts }: DocumentSeen): string[] {
  const packs = `v1/${project.id}/${environment.id}/packs`;
  return parts.flatMap(({ key, scan, tableList, packs: ids = [] }) => [
    key,
    ...[scan, tableList].flatMap((list) => list?.key ?? []),
    ...ids.flatMap((id) => [`${packs}/${id}.tar`, `${packs}/${id}.idx.jsonl.gz`]),
  ]);
}
