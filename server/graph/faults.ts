import { GraphQLError } from 'graphql';

/** Nobody is signed in where somebody must be. */
export function unauthenticated(): GraphQLError {
  return new GraphQLError('Sign in first: present a session or an API token that is still valid.', {
    extensions: { code: 'UNAUTHENTICATED' },
  });
}

/** An argument that no value of the data could make right. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Not there, or not for this person: the two are told apart nowhere. */
export function notFound(what: string): GraphQLError {
  return new GraphQLError(`There is no such ${what}, or you may not see it.`, {
    extensions: { code: 'NOT_FOUND' },
  });
}

/** More at once than one person, or one connection, may have. */
export function rateLimited(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}
