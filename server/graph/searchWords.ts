import { badUserInput } from './faults.js';

const longest = 200;
const mostWords = 10;

/** The words of a search; throws BAD_USER_INPUT where there are more than anybody searches for. */
export function searchWords(search: string | null | undefined): string[] {
  const words = (search ?? '')
    .slice(0, longest + 1)
    .split(/\s+/)
    .filter(Boolean);
  if ((search ?? '').length > longest || words.length > mostWords) {
    throw badUserInput(`Search for at most ${mostWords} words of together ${longest} characters.`);
  }
  return words;
}
