import { z } from 'zod';

/** Says everything that is wrong with the settings at once, each with its name. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

/**
 * Reads settings from the environment. An empty variable counts as absent. Throws BadSettings naming every wrong
 * setting together, never quoting a value: it may be a secret.
 */
export function readSettings<Shape extends z.ZodType>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): z.infer<Shape> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = shape.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `  ${issue.path.join('.') || 'settings'}: ${issue.message}`,
  );
  throw new BadSettings(`These settings are wrong:\n${lines.join('\n')}`);
}
