import { readFileSync } from 'node:fs';

/** Settings that may stand in a file, as container platforms hand secrets over: `<NAME>_FILE` names that file. */
export const secretFiles = [
  'DATABASE_URL',
  'HOLDFAST_SECRET_KEY',
  'SMTP_URL',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
] as const;

/** Why one setting cannot be read from its file. */
export interface SecretFileProblem {
  /** The setting, without `_FILE`. */
  name: string;
  /** What is wrong and what to do, without the file’s content. */
  message: string;
}

/** Puts the content of every `<NAME>_FILE` in its setting’s place, without the line break at its end. */
export function withSecretFiles(environment: NodeJS.ProcessEnv): {
  environment: NodeJS.ProcessEnv;
  problems: SecretFileProblem[];
} {
  const settled = { ...environment };
  const problems: SecretFileProblem[] = [];
  for (const name of secretFiles) {
    const file = environment[`${name}_FILE`];
    if (!file) continue;
    delete settled[`${name}_FILE`];
    const read = environment[name] ? `set this or ${name}_FILE, not both` : readSecret(file, name);
    if (typeof read === 'string') problems.push({ name, message: read });
    else settled[name] = read.secret;
  }
  return { environment: settled, problems };
}

/** The secret in a file, or why there is none. */
function readSecret(file: string, name: string): { secret: string } | string {
  try {
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return secret === '' ? `the file that ${name}_FILE names is empty` : { secret };
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    return `the file that ${name}_FILE names cannot be read (${code ?? 'unknown'}): check that it is there and that this process’s user may read it`;
  }
}
