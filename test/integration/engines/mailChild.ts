// Sends one mail in a process of its own, so that it can be killed: what it does next, it says on its output.
import { sendOnce } from '../../../workflows/engines/mail/sendOnce.js';

const [smtpUrl = '', hold = 'no'] = process.argv.slice(2);
const say = (word: string) => process.stdout.write(`${word}\n`);
// Keeps the process alive while it holds.
const held = () => new Promise<void>(() => setInterval(() => undefined, 1_000));

try {
  const { ended } = await sendOnce({
    smtpUrl,
    from: 'Holdfast <holdfast@example.org>',
    to: 'ada@example.org',
    subject: 'Your files',
    text: 'Here.\n',
    html: '<p>Here.</p>',
    messageId: '<1@example.org>',
    date: new Date(0),
    beforeLastByte: async () => {
      say('asked');
      if (hold === 'hold') await held();
    },
    signal: new AbortController().signal,
  });
  say(ended);
} catch (error: unknown) {
  say(String(error));
}
process.exit(0);
