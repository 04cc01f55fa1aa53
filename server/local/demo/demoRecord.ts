import { join } from 'node:path';
import { readTextFile, writePrivateFile } from './textFiles.js';

/**
 * What was last told to Holdfast about one environment. `registering` is written before the telling and says that
 * it may or may not have arrived; `registered` says that it did.
 */
export interface RecordedEnvironment {
  state: 'registering' | 'registered';
  databaseAddress: string;
  mediaDirectory: string;
}

/** What the demo did in this folder so far. Without a record a project of the demo's name is somebody else's. */
export interface DemoRecord {
  /** Null while the project is being made. */
  projectId: string | null;
  environments: Record<string, RecordedEnvironment>;
}

const FILE_NAME = 'registered.json';

/** The record in the demo's folder; null where the demo never ran. */
export async function readDemoRecord(demoDir: string): Promise<DemoRecord | null> {
  const path = join(demoDir, FILE_NAME);
  const text = await readTextFile(path);
  if (text === null) return null;
  const record = parse(text);
  if (!isDemoRecord(record)) {
    throw new Error(
      `${path} is not readable as the demo's record; restore it, or set HOLDFAST_DEMO=0 to start without the demo.`,
    );
  }
  return record;
}

/** Keeps the record; a cut-off leaves the old one or the new one. */
export async function writeDemoRecord(demoDir: string, record: DemoRecord): Promise<void> {
  await writePrivateFile(join(demoDir, FILE_NAME), `${JSON.stringify(record, null, 2)}\n`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isDemoRecord(value: unknown): value is DemoRecord {
  if (!isObject(value) || !isObject(value.environments)) return false;
  if (value.projectId !== null && typeof value.projectId !== 'string') return false;
  return Object.values(value.environments).every(
    (entry) =>
      isObject(entry) &&
      (entry.state === 'registering' || entry.state === 'registered') &&
      typeof entry.databaseAddress === 'string' &&
      typeof entry.mediaDirectory === 'string',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
