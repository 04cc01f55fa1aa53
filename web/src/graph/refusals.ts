import { graphql } from './graphql.js';

/** Why a mutation was refused: every one of them asks for this. */
export const RefusalFields = graphql(`
  fragment RefusalFields on UserError @_unmask {
    code
    field
    message
  }
`);
