import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';

const open = new Set([
  'UNAUTHENTICATED',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'RATE_LIMITED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
]);

/**
 * What callers are told of an error: mistakes of theirs in full, faults of ours by code alone. The log has the rest.
 */
export function maskFaults(log: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof GraphQLError) {
      const code = error.extensions.code;
      if (typeof code === 'string' && open.has(code)) return error;
      // Without a cause the document itself is at fault: graphql-js found it wrong.
      if (!error.originalError && error.path === undefined)
        return withCode(error, 'GRAPHQL_VALIDATION_FAILED');
      if (!error.originalError && code === undefined) return withCode(error, 'BAD_USER_INPUT');
    }
    const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
    log.error({ err: cause }, 'a fault while answering');
    const path = error instanceof GraphQLError ? error.path : undefined;
    return new GraphQLError('Something went wrong on our side. Try again; if it stays, tell support staff.', {
      path: path ?? null,
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  };
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    path: error.path ?? null,
    extensions: { ...error.extensions, code },
  });
}
