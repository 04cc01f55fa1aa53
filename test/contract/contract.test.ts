import { readFile } from 'node:fs/promises';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, isObjectType, lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { failures } from '#schema/domain';
import { createSchema } from '../../server/graph/schema.js';
import { compareSchemas, type Comparison } from './compareSchemas.js';
import { readStatusRows, statusProblems, type StatusRow } from './statusPage.js';

/** The items of the roadmap that what is not served yet may come with. */
const owners = [
  'S3, people and roles, jobs (4)',
  'Restore (6)',
  'Downloads (7)',
  'Schedules, retention, pins, deletion, health (8)',
  'Legacy backups (9)',
  'Test restores (a later issue)',
] as const;

/** A file of the project. */
const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

let promised: GraphQLSchema;
let served: GraphQLSchema;
let comparison: Comparison;
let rows: StatusRow[];

beforeAll(async () => {
  promised = buildSchema(await read('schema/contract.graphql'));
  served = await createSchema();
  comparison = compareSchemas(promised, served);
  rows = readStatusRows(await read('docs/contract-status.md'));
}, 60_000);

/** A second opinion: what graphql-inspector calls breaking, names that are missing aside. */
async function breakingChanges(against: GraphQLSchema): Promise<string[]> {
  const changes = await diff(promised, against);
  return changes
    .filter(
      ({ criticality, type }) =>
        criticality.level === CriticalityLevel.Breaking && !type.endsWith('_REMOVED'),
    )
    .map(({ message }) => message);
}

describe('schema/schema.graphql', () => {
  it('is, byte for byte, what is served', async () => {
    const printed = `${printSchema(lexicographicSortSchema(served))}\n`;
    const remedy = 'schema/schema.graphql is not the schema that is served: run `npm run sdl` and commit it';
    expect(await read('schema/schema.graphql'), remedy).toBe(printed);
  });
});

describe('what is promised to integrators', () => {
  it('is served with the same types and defaults, and asks for no more', () => {
    expect(comparison.broken).toEqual([]);
  });

  it('is not broken in the eyes of graphql-inspector either', async () => {
    expect(await breakingChanges(served)).toEqual([]);
  });

  it('would be seen broken by both: one field that may be null is enough', async () => {
    const doctored = buildSchema(printSchema(served).replace('  note: String!', '  note: String'));
    expect(compareSchemas(promised, doctored).broken).toEqual([
      'Backup.note is promised as String! and served as String.',
    ]);
    expect(await breakingChanges(doctored)).toEqual([expect.stringContaining('Backup.note')]);
  });

  it('and is not served yet has one row in docs/contract-status.md, and nothing else has', () => {
    expect(statusProblems(rows, comparison.missing, owners)).toEqual([]);
  });

  it('names every code that a job can fail with', () => {
    const jobFailure = promised.getType('JobFailure');
    if (!isObjectType(jobFailure)) throw new Error('The contract has no type JobFailure.');
    const named = jobFailure.description?.match(/\b[A-Z]+(?:_[A-Z]+)*\b/g)?.filter((word) => word.length > 3);
    expect(named?.sort()).toEqual(Object.keys(failures).sort());
  });
});
