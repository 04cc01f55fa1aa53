import type { FileLinks } from '#schema/catalogue';
import type { WorkerTools } from '../workerTools.js';

/** How mail is sent. */
export interface MailSettings {
  /** `smtp://…` or `smtps://…`; null: there is no mail server. */
  smtpUrl: string | null;
  /** Who mails come from. */
  from: string;
  /** Signs links that work without a sign-in; null: links ask for one. */
  openLinks: FileLinks | null;
}

/** What mails are made and sent with. */
export type MailTools = Pick<WorkerTools, 'catalogue' | 'publicUrl' | 'log'> & { mail: MailSettings };
