import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';

/** An instant, RFC 3339, UTC. */
export const DateTime = GraphQLDateTime;
DateTime.description = 'An instant, RFC 3339, UTC, e.g. `2026-11-22T22:02:53.120Z`.';

/** A whole number of bytes or items. */
export const SafeInt = GraphQLSafeInt;
SafeInt.description = 'A whole number of bytes or items as a JSON number, 0 to 2^53 - 1.';

/** PostgreSQL’s bigint arrives as text; everything that Holdfast counts fits a double exactly. */
export const bigintAsNumber = {
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
  to: (value: number | null): number | null => value,
};
