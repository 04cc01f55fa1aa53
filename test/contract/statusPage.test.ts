import { describe, expect, it } from 'vitest';
import { readStatusRows, statusProblems } from './statusPage.js';

const owners = ['Restore (6)', 'Downloads (7)'];
const page = `# Page

Prose with \`Code\` and a | in it.

| Name               | Comes with    |
| ------------------ | ------------- |
| \`Restore\`          | Restore (6)   |
| \`Query.box(filter)\`| Downloads (7) |
`;
const rows = readStatusRows(page);

describe('the page', () => {
  it('is read row by row', () => {
    expect(rows).toEqual([
      { name: 'Restore', owner: 'Restore (6)' },
      { name: 'Query.box(filter)', owner: 'Downloads (7)' },
    ]);
  });

  it('is right where it lists just what is missing, in any order', () => {
    expect(statusProblems(rows, ['Query.box(filter)', 'Restore'], owners)).toEqual([]);
  });

  it('is wrong where a missing name has no row', () => {
    expect(statusProblems(rows, ['Restore', 'Query.box(filter)', 'Mutation.undo'], owners)).toEqual([
      'Mutation.undo is promised, not served, and on no row: serve it or add a row that says what it comes with.',
    ]);
  });

  it('is wrong where a row is stale', () => {
    expect(statusProblems(rows, ['Restore'], owners)).toEqual([
      'Query.box(filter) has a row, but it is served or was never promised: take the row out.',
    ]);
  });

  it('is wrong where a row names no owner, or one that is not on the roadmap', () => {
    const without = readStatusRows('| `A` |  |\n| `B` | Some day |\n');
    expect(statusProblems(without, ['A', 'B'], owners)).toEqual([
      'A comes with “”, which is not on the roadmap.',
      'B comes with “Some day”, which is not on the roadmap.',
    ]);
  });

  it('is wrong where a name stands twice', () => {
    expect(statusProblems([...rows, ...rows.slice(0, 1)], ['Restore', 'Query.box(filter)'], owners)).toEqual([
      'Restore has two rows: keep one.',
    ]);
  });

  it('that cannot be read leaves every missing name without a row', () => {
    expect(statusProblems(readStatusRows('nothing'), ['A', 'B'], owners)).toHaveLength(2);
  });
});
