import { simpleParser } from 'mailparser';
import { startMailServer, type TestMailServer } from '../integration/engines/mailTestServer.js';
import { freePort } from './holdfast.js';

/** A mail as its reader has it. */
export interface MailSeen {
  to: string;
  text: string;
  messageId: string;
}

/** What a mail server does with a mail that has come whole, before it says so. */
type Answer = (message: string) => Promise<void>;

/** The mail server of a Holdfast of a test’s own: real SMTP at an address that stays, which can be away or slow. */
export class Mailbox {
  private server: TestMailServer | null = null;
  private readonly taken: string[] = [];

  private constructor(private readonly port: number) {}

  /** At a free port; nobody answers there yet. */
  static async make(): Promise<Mailbox> {
    return new Mailbox(await freePort());
  }

  /** What goes into `SMTP_URL`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Answers from now on; with `answer` it takes its time, or refuses. */
  async open(answer: Answer = async () => undefined): Promise<void> {
    await this.close();
    this.server = await startMailServer({
      port: this.port,
      answer: (message) => {
        this.taken.push(message);
        return answer(message);
      },
    });
  }

  /** Answers no more. What has come whole stays. */
  async close(): Promise<void> {
    await this.server?.stop();
    this.server = null;
  }

  /** All that came whole about a download, in order. */
  async about(downloadId: string): Promise<MailSeen[]> {
    const mails = await Promise.all(this.taken.map((message) => simpleParser(message)));
    return mails.flatMap(({ to, text = '', messageId = '' }) =>
      text.includes(`/${downloadId}`) ? [{ to: addressesOf(to), text, messageId }] : [],
    );
  }
}

function addressesOf(to: Awaited<ReturnType<typeof simpleParser>>['to']): string {
  return [to ?? []]
    .flat()
    .flatMap(({ value }) => value.map(({ address = '' }) => address))
    .join(', ');
}
