import path from 'node:path';
import { z } from 'zod';
import { commonSettings, port, readSettings, wholeNumber } from '#schema/config';

const shape = z
  .object({
    ...commonSettings,
    /** The web app and the API. */
    PORT: port.default(4000),
    /** The address to listen on. */
    HOST: z.string().default('127.0.0.1'),
    /** The address in mails and links; never taken from a request. Default `http://127.0.0.1:<PORT>`. */
    HOLDFAST_PUBLIC_URL: z
      .url({ error: 'must be an address such as https://backups.example.org' })
      .optional(),
    /** Temporal’s web UI, for support staff. */
    TEMPORAL_UI_URL: z.url({ error: 'must be an address' }).default('http://127.0.0.1:8233'),
    /** How many days Temporal keeps closed workflows. */
    HOLDFAST_HISTORY_DAYS: wholeNumber.default(30),
    /** Where mail goes: `smtp://host:port`. Without it no sign-in links are sent. */
    SMTP_URL: z.string().optional(),
    /** Who mails come from. */
    MAIL_FROM: z.string().default('Holdfast <holdfast@localhost>'),
    /** The built web app. */
    HOLDFAST_WEB_DIR: z.string().default(path.resolve('dist/web')),
  })
  .transform((all) => ({
    ...all,
    publicUrl: (all.HOLDFAST_PUBLIC_URL ?? `http://127.0.0.1:${all.PORT}`).replace(/\/+$/, ''),
  }));

export type ServerSettings = z.infer<typeof shape>;

/** The API server’s settings; throws BadSettings with all problems together. */
export function serverSettings(environment: NodeJS.ProcessEnv): ServerSettings {
  return readSettings(shape, environment);
}
