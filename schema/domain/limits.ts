/** Longest note of a backup, in characters. */
export const longestNote = 500;
/** Longest name of a project, environment or token, in characters. */
export const longestName = 100;
/** How long an idempotency key is remembered, in hours. */
export const idempotencyHours = 24;
/** Page sizes of lists. */
export const pageSize = { standard: 20, largest: 100 } as const;
/** How many ids may be asked for at once. */
export const mostIds = 100;

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Why a slug cannot be used, or null where it can: 1 to 63 of a-z, 0-9 and inner hyphens. */
export function slugProblem(slug: string): string | null {
  return slugPattern.test(slug)
    ? null
    : 'Use 1 to 63 lower-case letters (a to z), digits and hyphens, with a letter or digit at both ends.';
}

/** Control characters, marks that turn the direction of writing, zero-width spaces, halves of characters. */
const unseen = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** Why a name cannot be used, or null where it can. */
export function nameProblem(name: string): string | null {
  if (unseen.test(name.trim())) return 'Remove the characters that cannot be seen.';
  const length = [...name.trim()].length;
  if (length === 0) return 'Give a name.';
  return length > longestName ? `Use at most ${longestName} characters.` : null;
}

/** Why a note cannot be used, or null where it can. */
export function noteProblem(note: string): string | null {
  if (note.includes('\0')) return 'Remove the zero byte.';
  return [...note].length > longestNote
    ? `Use at most ${longestNote} characters: this note has ${[...note].length}.`
    : null;
}

/** A commit in lower case where it is 40 or 64 hex digits, else null. */
export function toGitCommit(text: string): string | null {
  const commit = text.trim().toLowerCase();
  return commitPattern.test(commit) ? commit : null;
}
