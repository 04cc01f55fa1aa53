import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { QueryFailedError } from 'typeorm';

const open = new Set([
  'UNAUTHENTICATED',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'RATE_LIMITED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * What callers are told of an error: mistakes of theirs in full, faults of ours by code alone. The log has the rest.
 */
export function maskFaults(log: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof GraphQLError) {
      const code = error.extensions.code;
      if (typeof code === 'string' && open.has(code)) return error;
      if (isZeroByte(error.originalError)) {
        return withCode(
          new GraphQLError('A text holds a zero byte: remove it.', { path: error.path ?? null }),
          'BAD_USER_INPUT',
        );
      }
      // A variable that does not fit its type: graphql-js wraps one error of its own in another.
      if (error.originalError instanceof GraphQLError && error.path === undefined) {
        return withCode(error, 'BAD_USER_INPUT');
      }
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

/** PostgreSQL takes any text but one with a zero byte. */
function isZeroByte(cause: unknown): boolean {
  const driver: unknown = cause instanceof QueryFailedError ? cause.driverError : null;
  return typeof driver === 'object' && driver !== null && 'code' in driver && driver.code === '22021';
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    path: error.path ?? null,
    extensions: { ...error.extensions, code },
  });
}
