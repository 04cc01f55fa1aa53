import {
  GraphQLError,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  type validate,
} from 'graphql';
import { validateWithin } from './documentRules.js';

/** How many documents are kept; more than all clients together use. */
const mostDocuments = 500;
/** Longer ones are rare, and would take room. */
const longestKept = 20_000;

/** What a client sent for one operation. */
interface Params {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** Documents as they were read and checked: thousands of subscribers send the same few. */
export class Documents {
  private readonly known = new Map<string, DocumentNode>();
  private readonly checked = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** What to execute, without a context; throws GRAPHQL_PARSE_FAILED where the document cannot be read. */
  read({ query, operationName, variables }: Params): ExecutionArgs {
    const document = this.known.get(query) ?? this.parse(query);
    return { schema: this.schema, document, operationName, variableValues: variables };
  }

  /** What is wrong with a document. */
  readonly validate: typeof validate = (schema, document, ...rest) => {
    const errors = this.checked.get(document) ?? validateWithin(schema, document, ...rest);
    this.checked.set(document, errors);
    return errors;
  };

  private parse(query: string): DocumentNode {
    const document = readDocument(query);
    if (query.length > longestKept) return document;
    const [oldest] = this.known.keys();
    if (oldest !== undefined && this.known.size >= mostDocuments) this.known.delete(oldest);
    this.known.set(query, document);
    return document;
  }
}

function readDocument(query: string): DocumentNode {
  try {
    return parse(query);
  } catch (error: unknown) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, {
      source: error.source ?? null,
      positions: error.positions ?? null,
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  }
}
