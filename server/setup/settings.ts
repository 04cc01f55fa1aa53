import { z } from 'zod';
import { commonSettings, readSettings } from '#schema/config';
import { emailProblem, toEmail } from '#schema/domain';
import { historyDays } from '../settings.js';

const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = commonSettings;

const shape = z.object({
  DATABASE_URL,
  TEMPORAL_ADDRESS,
  TEMPORAL_NAMESPACE,
  HOLDFAST_HISTORY_DAYS: historyDays,
  /** The address in the first administrator’s sign-in link. Required. */
  HOLDFAST_PUBLIC_URL: z
    .url({ error: 'is required: the address that people open, such as https://backups.example.org' })
    .transform((url) => url.replace(/\/+$/, '')),
  /** The first administrator’s address; counts only where there is none yet. Required. */
  HOLDFAST_ADMIN_EMAIL: z
    .string({ error: 'is required: the first administrator’s e-mail address' })
    .refine((text) => emailProblem(text) === null, 'must be an e-mail address')
    .transform(toEmail),
});

export type PrepareSettings = z.infer<typeof shape>;

/** What preparing needs to know; throws BadSettings with all problems together. */
export function prepareSettings(environment: NodeJS.ProcessEnv): PrepareSettings {
  return readSettings(shape, environment);
}
