import {
  GraphQLError,
  specifiedRules,
  validate,
  type ASTVisitor,
  type FieldNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

const deepest = 15;
const mostFields = 1_000;

function refuse(context: ValidationContext, node: FieldNode, message: string): void {
  context.reportError(new GraphQLError(message, { nodes: node }));
}

/** Refuses documents that nest too deep; introspection is as deep as it is. */
const limitDepth: ValidationRule = (context): ASTVisitor => {
  let depth = 0;
  return {
    Field: {
      enter(node) {
        depth += 1;
        if (depth === deepest + 1 && !isIntrospection(node)) {
          refuse(context, node, `Nest at most ${deepest} fields: ask for the rest in a second query.`);
        }
      },
      leave() {
        depth -= 1;
      },
    },
  };
};

/** Refuses documents with too many fields, aliases included. */
const limitFields: ValidationRule = (context): ASTVisitor => {
  let count = 0;
  return {
    Field(node) {
      count += 1;
      if (count === mostFields + 1)
        refuse(context, node, `Ask for at most ${mostFields} fields in one document.`);
    },
  };
};

function isIntrospection(node: FieldNode): boolean {
  return node.name.value.startsWith('__') || node.name.value === 'ofType';
}

/** What every document must keep to, beside the schema. */
export const documentRules: ValidationRule[] = [limitDepth, limitFields];

/** graphql-js’s own validation with these rules added: for the transports that take a function. */
export const validateWithin: typeof validate = (schema, document, rules = specifiedRules, ...rest) =>
  validate(schema, document, [...rules, ...documentRules], ...rest);
