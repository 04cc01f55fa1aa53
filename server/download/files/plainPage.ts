/** What a person is told in place of a file. */
export interface PageWords {
  title: string;
  /** One paragraph each. */
  says: string[];
  /** Where to go from here. */
  link?: { href: string; words: string };
}

/** A page of plain HTML: no script, and its style from an address of its own, as the content policy wants it. */
export function plainPage({ title, says, link }: PageWords): string {
  const words = says.map((paragraph) => `<p>${inHtml(paragraph)}</p>`);
  if (link) words.push(`<p><a href="${inHtml(link.href)}">${inHtml(link.words)}</a></p>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${inHtml(title)} – Holdfast</title>
<link rel="stylesheet" href="/files/page.css"></head>
<body>
<main>
<h1>${inHtml(title)}</h1>
${words.join('\n')}
</main>
</body>
</html>
`;
}

/** The style of such pages. */
export const pageStyle = `:root { color-scheme: light dark; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; line-height: 1.25; }
`;

/** The same in lines, for programs. */
export function plainText({ title, says, link }: PageWords): string {
  return [`${title}.`, ...says, ...(link ? [link.href] : []), ''].join('\n');
}

function inHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
