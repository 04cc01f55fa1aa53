import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { simpleParser, type AddressObject } from 'mailparser';

const NEWEST = 200;
const HEADER_BYTES = 64 * 1024;

/** The names of kept messages. */
export const MESSAGE_NAME = /^[0-9TZ.-]+-\d+\.eml$/;

/** What the list shows of a message. */
export interface MailSummary {
  name: string;
  from: string;
  to: string;
  subject: string;
  date: Date | undefined;
}

/** The newest 200 messages of a folder, newest first; a message that cannot be read is listed by its name. */
export async function listMessages(folder: string): Promise<MailSummary[]> {
  const names = (await readdir(folder)).filter((name) => MESSAGE_NAME.test(name));
  names.sort((a, b) => compareNewestFirst(a, b));
  const summaries: MailSummary[] = [];
  for (const name of names.slice(0, NEWEST)) {
    summaries.push(
      await summarize(folder, name).catch(() => ({ name, from: '', to: '', subject: name, date: undefined })),
    );
  }
  return summaries;
}

/** Addresses as people read them. */
export function addressText(addresses: AddressObject | AddressObject[] | undefined): string {
  if (addresses === undefined) return '';
  return [addresses]
    .flat()
    .map((address) => address.text)
    .join(', ');
}

/** By time, and by count for messages of the same time. */
function compareNewestFirst(a: string, b: string): number {
  const [timeA, countA] = timeAndCount(a);
  const [timeB, countB] = timeAndCount(b);
  return timeA === timeB ? countB - countA : timeA < timeB ? 1 : -1;
}

function timeAndCount(name: string): [string, number] {
  const dash = name.lastIndexOf('-');
  return [name.slice(0, dash), Number.parseInt(name.slice(dash + 1), 10)];
}

async function summarize(folder: string, name: string): Promise<MailSummary> {
  const mail = await simpleParser(await readStart(path.join(folder, name)), { skipHtmlToText: true });
  return {
    name,
    from: mail.from?.text ?? '',
    to: addressText(mail.to),
    subject: mail.subject ?? '(no subject)',
    date: mail.date,
  };
}

/** The headers stand at the start; an attachment of megabytes need not be read for a list. */
async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
