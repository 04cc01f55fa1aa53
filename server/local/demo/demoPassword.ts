import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readTextFile, writePrivateFile } from './textFiles.js';

/** The password of the environment's database role, as kept in the folder of secrets; null where none is kept yet. */
export async function readDemoPassword(secretsDir: string, slug: string): Promise<string | null> {
  const text = (await readTextFile(passwordPath(secretsDir, slug)))?.trim();
  return text === undefined || text === '' ? null : text;
}

/** Makes a new password of 192 random bits, safe in URLs, and keeps it (0600). */
export async function makeDemoPassword(secretsDir: string, slug: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writePrivateFile(passwordPath(secretsDir, slug), `${password}\n`);
  return password;
}

function passwordPath(secretsDir: string, slug: string): string {
  return join(secretsDir, `demo-${slug}-password`);
}
