import { GraphQLError, specifiedRules, validate, type ASTVisitor, type ValidationRule } from 'graphql';
import { weigh } from './weigh.js';

/** How deep a document may nest, fragments counted in. */
const deepest = 15;
/** How many rows and fields a document may ask for at the most. */
const heaviest = 20_000;

/** Refuses documents that would make the server work out of all proportion to what they say. */
const limitWeight: ValidationRule = (context): ASTVisitor => ({
  OperationDefinition(node) {
    const refuse = (message: string) => context.reportError(new GraphQLError(message, { nodes: node }));
    const { depth, weight } = weigh(node, context);
    if (depth > deepest) refuse(`Nest at most ${deepest} fields: ask for the rest in a second query.`);
    if (weight > heaviest)
      refuse('This asks for too much at once: ask for shorter lists, or nest fewer of them.');
  },
});

/** What every document must keep to, beside the schema. */
export const documentRules: ValidationRule[] = [limitWeight];

/** graphql-js’s own validation with these rules added: for the transports that take a function. */
export const validateWithin: typeof validate = (schema, document, rules = specifiedRules, ...rest) =>
  validate(schema, document, [...rules, ...documentRules], ...rest);
