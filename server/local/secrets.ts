import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readIfThere, replaceFile } from './files.js';

/** What is generated at the first start and kept in `<data>/secrets/`, one 0600 file each. */
export interface Secrets {
  postgresSuperuser: string;
  cataloguePassword: string;
  /** 32 random bytes, base64: what seals the secrets in the catalogue. Lost key, lost secrets. */
  secretKey: string;
}

/** Reads the secrets of this data folder; makes those that are not there yet. */
export async function readSecrets(folder: string): Promise<Secrets> {
  return {
    postgresSuperuser: await readOrMake(path.join(folder, 'postgres-superuser'), () => password()),
    cataloguePassword: await readOrMake(path.join(folder, 'catalogue-password'), () => password()),
    secretKey: await readOrMake(path.join(folder, 'secret-key'), () => randomBytes(32).toString('base64')),
  };
}

async function readOrMake(file: string, make: () => string): Promise<string> {
  const kept = (await readIfThere(file))?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = make();
  await replaceFile(file, `${made}\n`);
  return made;
}

/** Letters and digits only, so that it needs no quoting in a connection URL. */
function password(): string {
  return randomBytes(24).toString('hex');
}
