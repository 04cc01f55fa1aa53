/** Longest address that mail carries, in characters. */
const longestAddress = 254;
const longestMailbox = 64;

const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const mailbox = new RegExp(`^${atom}(?:\\.${atom})*$`, 'i');
const host = new RegExp(`^${label}(?:\\.${label})*$`, 'i');

/** An address as it is kept: in lower case, without spaces around it. */
export function toEmail(text: string): string {
  return text.trim().toLowerCase();
}

/** Why a text cannot be used as an address, or null where it can. What passes fits a mail’s header as it is. */
export function emailProblem(text: string): string | null {
  if (/\p{Cc}/u.test(text)) return 'Remove the line breaks and other characters that cannot be seen.';
  const address = text.trim();
  if (address === '') return 'Give an e-mail address.';
  if (address.length > longestAddress) return `Use an address of at most ${longestAddress} characters.`;
  if (/[<>",;\s]/.test(address)) return 'Give the address alone, without a name or a second address.';
  if (/[^\x21-\x7e]/.test(address)) {
    return 'Use plain letters only; of a domain with other letters, the form that begins with xn--.';
  }
  const at = address.lastIndexOf('@');
  const [name, domain] = [address.slice(0, at), address.slice(at + 1)];
  const isAddress = at > 0 && name.length <= longestMailbox && mailbox.test(name) && host.test(domain);
  return isAddress ? null : 'Give a whole e-mail address, e.g. anna@example.org.';
}

/** What somebody is called until they say otherwise, e.g. `Anna Smith` for `anna.smith+shop@example.org`. */
export function nameFromEmail(address: string): string {
  const name = address.slice(0, address.lastIndexOf('@'));
  const words = name
    .replace(/\+.*$/, '')
    .split(/[._-]+/)
    .filter(Boolean);
  const capitalised = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  return capitalised.join(' ') || name;
}
