import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { documentRules } from '../../../server/http/documentRules.js';

const schema = buildSchema(`
  type Query {
    nodes(ids: [ID!]!): [Thing]!
    things(first: Int): ThingConnection!
    plain: [Thing!]!
  }
  type Thing { id: ID! name: String inner: Thing things(first: Int): ThingConnection! }
  type ThingConnection { nodes: [Thing!]! totalCount: Int! }
`);

/** Whether a document is let through; it must be fine but for its weight. */
function passes(query: string): boolean {
  const messages = validate(schema, parse(query), documentRules).map(({ message }) => message);
  for (const message of messages) expect(message).toMatch(/at once/);
  return messages.length === 0;
}

const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');

describe('what is asked for by ids', () => {
  const of = (ids: string[]) => aliases(25, `nodes(ids: ${JSON.stringify(ids)}) { ${aliases(10, 'name')} }`);

  it('weighs what they bring', () => {
    expect(passes(`{ ${of(['1', '2'])} }`)).toBe(true);
    expect(passes(`{ ${of(Array.from({ length: 100 }, String))} }`)).toBe(false);
  });

  it('weighs as much as it may where a variable gives them', () => {
    const field = `nodes(ids: $ids) { ${aliases(10, 'name')} }`;
    expect(passes(`query ($ids: [ID!]!) { ${aliases(19, field)} }`)).toBe(true);
    expect(passes(`query ($ids: [ID!]!) { ${aliases(20, field)} }`)).toBe(false);
  });
});

describe('how many there are in all', () => {
  it('is dear, so that nobody asks it hundreds of times', () => {
    expect(passes(`{ ${aliases(150, 'things { totalCount }')} }`)).toBe(true);
    expect(passes(`{ ${aliases(900, 'things { totalCount }')} }`)).toBe(false);
    expect(
      passes(`{ ${aliases(900, 'things { ...Count }')} } fragment Count on ThingConnection { totalCount }`),
    ).toBe(false);
  });

  it('is counted once for a page, however long that is', () => {
    expect(passes('{ things(first: 100) { totalCount nodes { id name inner { id } } } }')).toBe(true);
    expect(passes('{ things(first: 100) { nodes { things { totalCount } } } }')).toBe(true);
  });
});
