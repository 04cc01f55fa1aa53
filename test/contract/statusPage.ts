/** One row of the table in `docs/contract-status.md`. */
export interface StatusRow {
  /** A name of the contract, e.g. `Mutation.setMember`. */
  name: string;
  /** The item of the roadmap that it comes with, e.g. `Restore (6)`. */
  owner: string;
}

/** Reads every row of the form ``| `Name` | Comes with |`` in the page. */
export function readStatusRows(page: string): StatusRow[] {
  return [...page.matchAll(/^\|\s*`([^`]+)`\s*\|([^|]*)\|\s*$/gm)].map(([, name = '', owner = '']) => ({
    name,
    owner: owner.trim(),
  }));
}

/**
 * What is wrong with the page, a sentence each: every name that is missing has one row with an owner out of
 * `owners`, and no other name has a row.
 */
export function statusProblems(rows: StatusRow[], missing: string[], owners: readonly string[]): string[] {
  const listed = new Set(rows.map(({ name }) => name));
  const problems = missing
    .filter((name) => !listed.has(name))
    .map(
      (name) =>
        `${name} is promised, not served, and on no row: serve it or add a row that says what it comes with.`,
    );
  for (const [index, { name, owner }] of rows.entries()) {
    if (!missing.includes(name)) {
      problems.push(`${name} has a row, but it is served or was never promised: take the row out.`);
    }
    if (rows.findIndex((row) => row.name === name) !== index)
      problems.push(`${name} has two rows: keep one.`);
    if (!owners.includes(owner)) problems.push(`${name} comes with “${owner}”, which is not on the roadmap.`);
  }
  return problems;
}
