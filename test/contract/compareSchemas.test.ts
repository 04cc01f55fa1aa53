import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compareSchemas } from './compareSchemas.js';

const contract = `
  scalar Time
  interface Node { id: ID! }
  interface Thing implements Node { id: ID! name: String }
  type Box implements Node & Thing { id: ID! name: String size: Int! tags: [String!]! age(of: Time, unit: Unit = DAY): Int }
  type Bag implements Node { id: ID! }
  union Holder = Box | Bag
  enum Unit { DAY HOUR }
  input Filter { name: String = "" size: Int! tags: [String!] }
  type Query { box(id: ID!, filter: Filter): Box holder: Holder thing: Thing }
`;

/** Compares the small contract with itself after one change to what is served. */
function afterwards(was: string, is: string) {
  if (!contract.includes(was)) throw new Error(`The contract does not hold: ${was}`);
  return compareSchemas(buildSchema(contract), buildSchema(contract.replace(was, is)));
}

describe('a schema that keeps its promise', () => {
  it('is the promise itself', () => {
    expect(compareSchemas(buildSchema(contract), buildSchema(contract))).toEqual({ missing: [], broken: [] });
  });

  it.each([
    ['one more type', 'scalar Time', 'scalar Time type Extra { id: ID! }'],
    ['one more field', 'size: Int! tags: [String!]! ', 'size: Int! colour: String tags: [String!]! '],
    ['one more value', 'DAY HOUR', 'DAY HOUR WEEK'],
    ['one more member', 'Box | Bag', 'Box | Bag | Query'],
    ['an argument that nobody has to give', 'id: ID!, filter', 'id: ID!, deep: Boolean, filter'],
    ['a required argument with a default', 'id: ID!, filter', 'id: ID!, deep: Boolean! = false, filter'],
    [
      'an input field that nobody has to give',
      'size: Int! tags: [String!] }',
      'size: Int! tags: [String!] deep: Int }',
    ],
    [
      'a field that is never null any more',
      'age(of: Time, unit: Unit = DAY): Int }',
      'age(of: Time, unit: Unit = DAY): Int! }',
    ],
    ['a narrower answer', 'thing: Thing', 'thing: Box'],
    ['an argument that may be left out', 'box(id: ID!', 'box(id: ID'],
    ['an input field that may be left out', 'size: Int! tags: [String!] }', 'size: Int tags: [String!] }'],
    ['an input list that may hold nulls', 'tags: [String!] }', 'tags: [String] }'],
    ['other words of description', 'enum Unit', '"Of time." enum Unit'],
  ])('may have %s', (_, was, is) => {
    expect(afterwards(was, is)).toEqual({ missing: [], broken: [] });
  });
});

describe('a name that is missing is found:', () => {
  it.each([
    ['a field', 'size: Int! tags: [String!]! ', 'tags: [String!]! ', 'Box.size'],
    ['an argument', ', filter: Filter', '', 'Query.box(filter)'],
    ['a value', 'DAY HOUR', 'DAY', 'Unit.HOUR'],
    ['a member', 'Box | Bag', 'Box', 'Holder = Bag'],
    ['an input field', 'size: Int! tags: [String!] }', 'size: Int! }', 'Filter.tags'],
    ['an interface', 'Bag implements Node', 'Bag', 'Bag implements Node'],
    [
      'a field of an interface',
      'implements Node { id: ID! name: String }',
      'implements Node { id: ID! }',
      'Thing.name',
    ],
  ])('%s', (_, was, is, name) => {
    expect(afterwards(was, is)).toEqual({ missing: [name], broken: [] });
  });

  it('a type, by its name alone, and the field that led to it', () => {
    const less = contract.replace('union Holder = Box | Bag', '').replace(' holder: Holder', '');
    expect(compareSchemas(buildSchema(contract), buildSchema(less)).missing).toEqual([
      'Holder',
      'Query.holder',
    ]);
  });

  it('a mutation', () => {
    const more = `${contract} type Mutation { pack(id: ID!): Box unpack(id: ID!): Box }`;
    const less = `${contract} type Mutation { pack(id: ID!): Box }`;
    expect(compareSchemas(buildSchema(more), buildSchema(less)).missing).toEqual(['Mutation.unpack']);
    expect(compareSchemas(buildSchema(more), buildSchema(contract)).missing).toEqual(['Mutation']);
  });
});

describe('a broken promise is found:', () => {
  it.each([
    ['another type', 'size: Int!', 'size: Float!', 'Box.size is promised as Int! and served as Float!.'],
    [
      'an answer that may be null',
      'size: Int!',
      'size: Int',
      'Box.size is promised as Int! and served as Int.',
    ],
    [
      'a list that may hold nulls',
      'tags: [String!]!',
      'tags: [String]!',
      'Box.tags is promised as [String!]! and served as [String]!.',
    ],
    [
      'one in place of a list',
      'tags: [String!]!',
      'tags: String!',
      'Box.tags is promised as [String!]! and served as String!.',
    ],
    [
      'a wider answer',
      'holder: Holder',
      'holder: Thing',
      'Query.holder is promised as Holder and served as Thing.',
    ],
    [
      'a stricter argument',
      'filter: Filter)',
      'filter: Filter!)',
      'Query.box(filter) is promised as Filter and served as Filter!.',
    ],
    [
      'an argument of another type',
      'of: Time',
      'of: String',
      'Box.age(of) is promised as Time and served as String.',
    ],
    [
      'another default',
      'Unit = DAY',
      'Unit = HOUR',
      'Box.age(unit) is promised with the default DAY and served with the default HOUR.',
    ],
    [
      'a default that is gone',
      'unit: Unit = DAY',
      'unit: Unit',
      'Box.age(unit) is promised with the default DAY and served with no default.',
    ],
    [
      'a default that is new',
      'of: Time',
      'of: Time = 1',
      'Box.age(of) is promised with no default and served with the default 1.',
    ],
    [
      'another default of an input',
      'String = ""',
      'String = "x"',
      'Filter.name is promised with the default "" and served with the default "x".',
    ],
    [
      'a stricter input field',
      'tags: [String!] }',
      'tags: [String!]! }',
      'Filter.tags is promised as [String!] and served as [String!]!.',
    ],
    [
      'a union in place of an enum',
      'enum Unit { DAY HOUR }',
      'scalar Unit',
      'Unit is promised as an enum and served as a scalar.',
    ],
  ])('%s', (_, was, is, sentence) => {
    expect(afterwards(was, is).broken).toContain(sentence);
  });

  it('one more required argument', () => {
    expect(afterwards('box(id: ID!,', 'box(id: ID!, deep: Boolean!,').broken).toEqual([
      'Query.box(deep) is required and was never promised: give it a default or make it nullable.',
    ]);
  });

  it('one more required input field', () => {
    expect(afterwards('tags: [String!] }', 'tags: [String!] deep: Boolean! }').broken).toEqual([
      'Filter.deep is required and was never promised: give it a default or make it nullable.',
    ]);
  });

  it('an input of which only one field may be given', () => {
    const loose = 'input Way { a: String b: String } type Query { go(way: Way): Int }';
    const strict = loose.replace('input Way', 'input Way @oneOf');
    expect(compareSchemas(buildSchema(loose), buildSchema(strict)).broken).toEqual([
      'Way is served as @oneOf and was never promised so.',
    ]);
  });

  it('an interface that became a type', () => {
    const before = 'interface Thing { id: ID } type Query { thing: Thing }';
    const after = before.replace('interface', 'type');
    expect(compareSchemas(buildSchema(before), buildSchema(after)).broken).toEqual([
      'Thing is promised as an interface and served as a type.',
    ]);
  });
});
