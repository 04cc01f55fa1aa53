import type { GraphQLSchema } from 'graphql';
import { expect } from 'vitest';
import { isNobody, type Caller, type Person } from './callers.js';
import type { Cast } from './cast.js';
import { neededArguments, type TypeRow } from './fieldVerdicts.js';
import { fieldsOf, idOf } from './served.js';

type Objects = Array<Record<string, unknown>>;

/** The query behind a type’s door, with all fields of the type. */
export function queryBehindDoor(schema: GraphQLSchema, cast: Cast, type: string, { door }: TypeRow): string {
  const fields = fieldsOf(schema, type).map((field) => {
    const needed = neededArguments[`${type}.${field.name}`]?.(cast);
    return `${field.name}${needed ? `(${needed})` : ''} ${idOf(schema, field)}`;
  });
  return `{ ${door?.(cast).replace('HERE', `here: __typename ${fields.join(' ')}`)} }`;
}

/** The objects behind the door, wherever they lie in an answer. */
export function objectsIn(data: unknown): Objects {
  if (typeof data !== 'object' || data === null) return [];
  const inside = Object.values(data).flatMap(objectsIn);
  return 'here' in data ? [data as Objects[number], ...inside] : inside;
}

/** Compares what somebody got behind a door with the verdicts, and with what the administrator gets there. */
export function expectVerdicts(
  row: TypeRow,
  caller: Caller,
  person: Person,
  found: Objects,
  admins: Objects,
): void {
  if (!isOpen(row, caller)) {
    expect(found).toEqual([]);
    return;
  }
  // To a stranger such a door shows what is their own: the canary tells whether it is more.
  if (caller === 'stranger') return;
  expect(valuesOf(found, row.all)).toEqual(valuesOf(admins, row.all));
  expect(given(found, row.admin)).toEqual(caller === 'admin' ? words(row.admin) : []);
  expect(given(found, row.operators)).toEqual(operates(caller) ? words(row.operators) : []);
  expect(given(found, row.support)).toEqual(caller === 'support' ? words(row.support) : []);
  const others = found.filter(({ id }) => row.all && id !== person.id);
  expect(given(others, row.self)).toEqual([]);
  for (const [field, expected] of Object.entries(row.each ?? {}))
    expect({ [field]: found.map((each) => each[field]) }).toEqual({ [field]: [expected[caller]] });
}

function isOpen({ opensTo }: TypeRow, caller: Caller): boolean {
  if (isNobody(caller)) return false;
  if (opensTo === 'everybody signed in') return true;
  if (opensTo === 'operators') return operates(caller);
  return opensTo === 'admin' ? caller === 'admin' : caller !== 'stranger';
}

const operates = (caller: Caller) => ['operator', 'token', 'admin'].includes(caller);

const words = (text = '') => text.split(' ').filter(Boolean);

function valuesOf(objects: Objects, fields?: string): Record<string, unknown> {
  return Object.fromEntries(words(fields).map((field) => [field, objects.map((each) => each[field])]));
}

/** Which of these fields hold anything. */
function given(objects: Objects, fields?: string): string[] {
  const isSomething = (value: unknown) => value !== null && !(Array.isArray(value) && value.length === 0);
  return words(fields).filter((field) => objects.some((each) => isSomething(each[field])));
}
