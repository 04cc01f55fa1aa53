import type { MailFacts } from './mailFacts.js';
import { sizeInWords, type MailSentences } from './mailSentences.js';

const style = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 24px 16px; background: #f4f5f7; color: #1b2127; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { display: block; max-width: 600px; margin: 0 auto; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
h1 { margin: 0 0 16px; font-size: 22px; line-height: 1.3; overflow-wrap: anywhere; }
h2 { margin: 24px 0 8px; font-size: 16px; }
.card { margin: 0 0 16px; padding: 16px; background: #ffffff; border: 1px solid #d8dde3; border-radius: 8px; overflow-wrap: anywhere; }
.fact { margin: 0 0 8px; }
.fact:last-child { margin: 0; }
.label { display: block; color: #55606c; font-size: 14px; line-height: 1.4; }
.value { white-space: pre-line; }
.name { font-weight: 600; }
code { font: 14px/1.5 ui-monospace, 'SF Mono', Consolas, monospace; overflow-wrap: anywhere; }
a { color: #0b57a4; }
.button { display: inline-block; margin: 12px 0 0; padding: 10px 20px; background: #0b57a4; color: #ffffff; border-radius: 6px; font-weight: 600; text-decoration: none; }
@media (prefers-color-scheme: dark) {
  body { background: #16191d; color: #e7eaee; }
  .card { background: #1f2429; border-color: #3a4048; }
  .label { color: #a3adb8; }
  a { color: #86bdf5; }
  .button { background: #86bdf5; color: #10243a; }
}`;

/** The mail as HTML: one column, nothing loaded from anywhere, light or dark as its reader has it. */
export function htmlOf(words: MailSentences, { files, page }: MailFacts): string {
  const facts = words.facts.map(
    ([label, value]) =>
      `<p class="fact"><span class="label">${inHtml(label)}</span><span class="value">${inHtml(value)}</span></p>`,
  );
  const cards = files.map(
    ({ name, size, sha256, link }) => `<div class="card">
<p class="fact"><span class="name">${inHtml(name)}</span><br>${inHtml(sizeInWords(size))}</p>
<p class="fact"><span class="label">SHA-256</span><code>${inHtml(sha256)}</code></p>
<a class="button" href="${inHtml(link)}">Download</a>
</div>`,
  );
  const uses = words.uses.map(
    ({ command, remark }) => `<p><code>${inHtml(command)}</code><br>${inHtml(remark)}</p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Download ready</title>
<style>${style}
</style>
</head>
<body>
<main>
<h1>Download ready</h1>
<p>${inHtml(words.hello)} ${inHtml(words.ready)}</p>
<div class="card">
${facts.join('\n')}
</div>
${cards.join('\n')}
<p>${inHtml(words.until)} ${inHtml(words.access)}</p>
<h2>How to use ${files.length === 1 ? 'it' : 'them'}</h2>
${uses.join('\n')}
<p>${inHtml(words.again)} <a href="${inHtml(page)}">${inHtml(page)}</a></p>
</main>
</body>
</html>
`;
}

function inHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
