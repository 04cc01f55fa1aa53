import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { finding, toFinding } from './finding.js';
import { openRoot } from './media/folder/openRoot.js';
import { withConnection } from './postgres/connect.js';
import { inspect, requireProjectDatabase } from './postgres/inspect.js';
import { forbiddenRelations } from './postgres/forbiddenRelations.js';
import type { PostgresTools } from './postgres/tools.js';
import { databaseInWords } from './postgres/problem.js';
import { StepProblem } from './stepProblem.js';
import { systemCode } from './systemCode.js';

const shown = 5;

/** Looks whether a database can be backed up, without touching it: empty where nothing stands in the way. */
export async function checkDatabase(
  address: DatabaseAddress,
  tools: PostgresTools,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    return await withConnection(address, { applicationName: 'holdfast check', signal }, async (client) => {
      const database = await inspect(client);
      requireProjectDatabase(database);
      const findings: Finding[] = [];
      const forbidden = await forbiddenRelations(client);
      if (forbidden.length > 0) {
        const names = forbidden.slice(0, shown).join(', ') + (forbidden.length > shown ? ', …' : '');
        const what = `“${address.user}” may not read all of the database ${databaseInWords(address)}: ${names}`;
        findings.push(finding('DATABASE_PERMISSION', 'databaseUrl', what));
      }
      findings.push(...found('databaseUrl', () => void tools.forMajor(database.major)));
      return findings;
    });
  } catch (error: unknown) {
    return [toFinding('databaseUrl', error, signal)];
  }
}

/** Looks whether a media folder can be read, without touching it: empty where nothing stands in the way. */
export async function checkMedia(directory: string, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  return found('media.directory', () => {
    const root = openRoot(directory);
    const barred = readdirSync(root.path, { withFileTypes: true })
      .slice(0, 1000)
      .filter((entry) => entry.isDirectory() || entry.isFile())
      .filter((entry) => !isReadable(join(root.path, entry.name), entry.isDirectory()))
      .map((entry) => `“${entry.name}”`);
    if (barred.length === 0) return;
    const names = barred.slice(0, shown).join(', ') + (barred.length > shown ? ', …' : '');
    throw new StepProblem(
      'MEDIA_UNREADABLE',
      `Entries of the media folder “${directory}” cannot be read: ${names}`,
    );
  });
}

function isReadable(path: string, isFolder: boolean): boolean {
  try {
    accessSync(path, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK);
    return true;
  } catch (error: unknown) {
    return systemCode(error) !== 'EACCES';
  }
}

function found(field: string, look: () => void): Finding[] {
  try {
    look();
    return [];
  } catch (error: unknown) {
    if (error instanceof StepProblem) return [finding(error.code, field, error.message, error.remedy)];
    throw error;
  }
}
