import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Documents } from '../../../server/http/documents.js';

const schema = buildSchema('type Query { name: String }');

describe('a document', () => {
  it('is read and checked once, however many send it', () => {
    const documents = new Documents(schema);
    const first = documents.read({ query: '{ name }' }).document;
    expect(documents.read({ query: '{ name }', variables: { a: 1 } }).document).toBe(first);
    expect(documents.validate(schema, first)).toBe(documents.validate(schema, first));
    expect(documents.validate(schema, first)).toEqual([]);
  });

  it('that is wrong stays wrong', () => {
    const documents = new Documents(schema);
    const { document } = documents.read({ query: '{ nothing }' });
    for (let time = 0; time < 2; time += 1) expect(documents.validate(schema, document)).toHaveLength(1);
  });

  it('that cannot be read is refused by a code', () => {
    expect(() => new Documents(schema).read({ query: '{' })).toThrow(
      expect.objectContaining({ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }),
    );
  });

  it('is forgotten after many others', () => {
    const documents = new Documents(schema);
    const first = documents.read({ query: '{ name }' }).document;
    for (let index = 0; index < 600; index += 1) documents.read({ query: `{ n${index}: name }` });
    expect(documents.read({ query: '{ name }' }).document).not.toBe(first);
  });
});
