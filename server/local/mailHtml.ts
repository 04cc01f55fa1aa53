import type { ParsedMail } from 'mailparser';
import { addressText, type MailSummary } from './mailSummaries.js';

/** The look of the inbox: follows the reader's choice of light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dde3, #3a4048); --soft: light-dark(#55606c, #a3adb8);
  --link: light-dark(#0b57a4, #86bdf5); --back: light-dark(#ffffff, #16191d); --text: light-dark(#1b2127, #e7eaee); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
a { color: var(--link); }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { padding: .75rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
li a { font-weight: 600; }
.soft { color: var(--soft); font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; overflow-wrap: anywhere; }
dt { color: var(--soft); }
dd { margin: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem; padding: 1rem;
  font: .95rem/1.5 ui-monospace, monospace; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .5rem; background: #ffffff; }
`;

/** The list of messages as a page. */
export function listPage(messages: MailSummary[]): string {
  const items = messages.map(
    ({ name, from, to, subject, date }) =>
      `<li><a href="/messages/${encodeURIComponent(name)}">${escapeHtml(subject)}</a>` +
      `<div class="soft">from ${escapeHtml(from)} to ${escapeHtml(to)}${date === undefined ? '' : `, ${time(date)}`}</div></li>`,
  );
  const list = items.length === 0 ? '<p class="soft">No mail yet.</p>' : `<ul>${items.join('\n')}</ul>`;
  return page('Local inbox', `<h1>Local inbox</h1>\n${list}`);
}

/** One message as a page: its text with links that can be followed, its HTML part in a closed frame. */
export function messagePage(name: string, mail: ParsedMail): string {
  const address = `/messages/${encodeURIComponent(name)}`;
  const subject = mail.subject ?? '(no subject)';
  const attachments = mail.attachments.map(
    ({ filename, size }) =>
      `<li>${escapeHtml(filename ?? 'without a name')} <span class="soft">${size} bytes</span></li>`,
  );
  return page(
    subject,
    [
      '<p><a href="/">All messages</a></p>',
      `<h1>${escapeHtml(subject)}</h1>`,
      `<dl><dt>From</dt><dd>${escapeHtml(mail.from?.text ?? '')}</dd>`,
      `<dt>To</dt><dd>${escapeHtml(addressText(mail.to))}</dd>`,
      `${mail.date === undefined ? '' : `<dt>Date</dt><dd>${time(mail.date)}</dd>`}</dl>`,
      mail.text === undefined || mail.text.trim() === ''
        ? ''
        : `<h2>Text</h2><pre>${linkify(mail.text)}</pre>`,
      !mail.html
        ? ''
        : '<h2>HTML</h2><iframe title="The HTML part of the message" ' +
          `sandbox="allow-popups allow-popups-to-escape-sandbox" src="${address}/html"></iframe>`,
      attachments.length === 0 ? '' : `<h2>Attachments</h2><ul>${attachments.join('\n')}</ul>`,
      `<p><a href="${address}/source">Source</a></p>`,
    ].join('\n'),
  );
}

/** A mail's HTML part as the content of its frame; its links open a tab of their own. */
export function htmlFrame(html: string): string {
  return `<!doctype html><base target="_blank">\n${html}`;
}

/** Text that cannot be taken for markup. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}

/** Escaped text in which web addresses can be followed. */
export function linkify(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/)
    .map((piece, index) => {
      const escaped = escapeHtml(piece);
      return index % 2 === 1 ? `<a href="${escaped}" rel="noreferrer noopener">${escaped}</a>` : escaped;
    })
    .join('');
}

function time(date: Date): string {
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return `<time datetime="${iso}">${iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`;
}

function page(title: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeHtml(title)}</title><link rel="stylesheet" href="/style.css"></head>\n<body><main>\n${body}\n</main></body></html>\n`
  );
}
