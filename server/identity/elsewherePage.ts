/** What stands where a sign-in link is opened under an address that is not ours; the link goes on working. */
export function elsewherePage(publicUrl: string, token: string): string {
  const link = inHtml(`${publicUrl}/sign-in/${encodeURIComponent(token)}`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in – Holdfast</title></head>
<body>
<main>
<h1>Holdfast has another address</h1>
<p>Nobody can sign in under the address that you opened. Your link was not used up; open it here:</p>
<p><a href="${link}">${link}</a></p>
<p>If that address does not lead to Holdfast from where you are, use it in your tunnel or proxy too, or have the operator
set HOLDFAST_PUBLIC_URL to the address that people open.</p>
</main>
</body>
</html>
`;
}

function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
