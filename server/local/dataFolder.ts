import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { oneLine, Refusal } from './refusal.js';

/** Where everything lies inside a data folder. */
export interface DataFolder {
  root: string;
  lock: string;
  ready: string;
  ports: string;
  processes: string;
  secrets: string;
  apiToken: string;
  logs: string;
  mail: string;
  postgres: string;
  temporal: string;
  storage: string;
  demo: string;
  tools: string;
}

/** Names the places in a data folder; makes nothing. */
export function dataFolderAt(root: string): DataFolder {
  const at = (...names: string[]): string => path.join(root, ...names);
  return {
    root,
    lock: at('lock'),
    ready: at('ready.json'),
    ports: at('ports.json'),
    processes: at('processes.json'),
    secrets: at('secrets'),
    apiToken: at('secrets', 'api-token'),
    logs: at('logs'),
    mail: at('mail'),
    postgres: at('postgres'),
    temporal: at('temporal'),
    storage: at('storage'),
    demo: at('demo'),
    tools: at('tools'),
  };
}

/**
 * Makes the data folder and its parts, readable by their owner only.
 * As root the folder itself can be passed through (0711): PostgreSQL runs as another user and lies inside.
 */
export async function makeDataFolder(folder: DataFolder): Promise<void> {
  try {
    await makeRoot(folder.root);
    for (const part of [folder.secrets, folder.logs, folder.mail, folder.temporal, folder.storage]) {
      await mkdir(part, { recursive: true });
      await chmod(part, 0o700);
    }
  } catch (error: unknown) {
    throw new Refusal(
      `The data folder ${folder.root} cannot be used (${oneLine(error)}): choose another one with HOLDFAST_DATA.`,
    );
  }
}

/** A folder that was there before keeps its mode, because it may hold more than ours; as root it gains passage. */
async function makeRoot(root: string): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const made = await mkdir(root, { recursive: true });
  if (made !== undefined) return chmod(root, isRoot ? 0o711 : 0o700);
  const { mode } = await stat(root);
  if (isRoot && (mode & 0o011) !== 0o011) await chmod(root, (mode & 0o777) | 0o011);
}
