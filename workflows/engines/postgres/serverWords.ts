import type { DatabaseAddress } from '#schema/catalogue';

const longest = 400;

/** The text without the database's password in any spelling. */
export function withoutSecrets(text: string, { password }: DatabaseAddress): string {
  if (password === '') return text;
  return [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)].reduce(
    (clean, secret) => clean.replaceAll(secret, '***'),
    text,
  );
}

/** The last things that a PostgreSQL program said on stderr, on one line, without the queries it quotes. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^pg_(?:dump|restore): (?:error: |detail: )?/, '').trim())
    .filter((line) => line !== '' && !/^(?:Query was|Command was|hint):/.test(line));
  const words = lines
    .slice(-3)
    .join('; ')
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\s+/g, ' ');
  return words.length > longest ? `${words.slice(0, longest)}…` : words;
}

/** A statement that may be shown: one line, cut short, its literals (which may be secret) left out. */
export function statementInWords(statement: string): string {
  const bare = statement
    .replace(/'(?:[^']|'')*'?/g, '…')
    .replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return bare.length > 80 ? `${bare.slice(0, 80)}…` : bare;
}
