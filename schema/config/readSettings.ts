import { z } from 'zod';
import { withSecretFiles } from './secretFiles.js';

/** Says everything that is wrong with the settings at once, each with its name. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

/**
 * Reads settings from the environment. An empty variable counts as absent; a secret may stand in the file that
 * `<NAME>_FILE` names. Throws BadSettings naming every wrong setting together, never quoting a value: it may be a
 * secret.
 */
export function readSettings<Shape extends z.ZodType>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): z.infer<Shape> {
  const { environment: settled, problems } = withSecretFiles(environment);
  const given = Object.fromEntries(
    Object.entries(settled).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = shape.safeParse(given);
  if (result.success && problems.length === 0) return result.data;
  const unread = new Set(problems.map(({ name }) => name));
  const wrong = (result.error?.issues ?? [])
    .map((issue) => ({ name: issue.path.join('.') || 'settings', message: issue.message }))
    .filter(({ name }) => !unread.has(name));
  const lines = [...problems, ...wrong].map(({ name, message }) => `  ${name}: ${message}`);
  throw new BadSettings(`These settings are wrong:\n${lines.join('\n')}`);
}
