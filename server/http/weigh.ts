import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  isInterfaceType,
  Kind,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { mostIds, pageSize } from '#schema/domain';

/** How deep a document nests and how many fields it may make the server answer. */
export interface Weight {
  depth: number;
  weight: number;
}

/** The same of a part; `once` is what is done once for a page, however long the page is. */
interface PartWeight extends Weight {
  once: number;
}

const nothing: PartWeight = { depth: 0, weight: 0, once: 0 };
/** How long a list without paging is taken to be. */
const usualList = 10;
/** What counting a whole list weighs: it reads far more than the rows of a page. */
const counting = 100;
/** Beyond this nobody needs to know how much heavier it is. */
const enough: PartWeight = { depth: 1_000, weight: 1e9, once: 0 };

/** Weighs an operation: every field once for every row that its lists may bring, fragments where they are spread. */
export function weigh(operation: OperationDefinitionNode, context: ValidationContext): Weight {
  const schema = context.getSchema();
  let visited = 0;

  const selections = (
    set: SelectionSetNode | undefined,
    parent: GraphQLNamedType | undefined,
    open: string[],
  ): PartWeight => {
    let total = nothing;
    for (const selection of set?.selections ?? []) {
      visited += 1;
      if (visited > 10_000) return enough;
      let part = nothing;
      if (selection.kind === Kind.FIELD) {
        part = field(selection, parent, open);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : parent;
        part = selections(selection.selectionSet, type, open);
      } else {
        const name = selection.name.value;
        const fragment = context.getFragment(name);
        // A fragment that spreads itself is refused by another rule.
        if (!fragment || open.includes(name)) continue;
        const type = schema.getType(fragment.typeCondition.name.value);
        part = selections(fragment.selectionSet, type, [...open, name]);
      }
      total = {
        depth: Math.max(total.depth, part.depth),
        weight: total.weight + part.weight,
        once: total.once + part.once,
      };
    }
    return total;
  };

  const field = (node: FieldNode, parent: GraphQLNamedType | undefined, open: string[]): PartWeight => {
    if (node.name.value.startsWith('__')) return { depth: 1, weight: 1, once: 0 };
    if (node.name.value === 'totalCount') return { depth: 1, weight: 0, once: counting };
    const type = typeOf(node, parent);
    const inner = selections(node.selectionSet, type && getNamedType(type), open);
    const weight = 1 + inner.weight * rowsOf(node, type, parent) + inner.once;
    return { depth: 1 + inner.depth, weight, once: 0 };
  };

  const root = schema.getRootType(operation.operation) ?? undefined;
  return selections(operation.selectionSet, root, []);
}

function typeOf(node: FieldNode, parent: GraphQLNamedType | undefined): GraphQLOutputType | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
  return parent.getFields()[node.name.value]?.type;
}

/** How many times what is inside is answered. */
function rowsOf(
  node: FieldNode,
  type: GraphQLOutputType | undefined,
  parent: GraphQLNamedType | undefined,
): number {
  if (!type || !isCompositeType(getNamedType(type))) return 1;
  if (getNamedType(type).name.endsWith('Connection')) return pageOf(node);
  // The rows of a page were counted where the page was asked for.
  if (parent?.name.endsWith('Connection')) return 1;
  return isListType(getNullableType(type)) ? (idsOf(node) ?? usualList) : 1;
}

/** How many ids a list is asked for by; where a variable gives them, the most that are allowed. */
function idsOf(node: FieldNode): number | null {
  const given = node.arguments?.find(({ name }) => name.value === 'ids')?.value;
  if (!given) return null;
  if (given.kind === Kind.LIST) return given.values.length;
  return given.kind === Kind.VARIABLE ? mostIds : 1;
}

/** The page’s length; where a variable gives it, the longest that is allowed. */
function pageOf(node: FieldNode): number {
  const given = node.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last')?.value;
  if (!given) return pageSize.standard;
  if (given.kind !== Kind.INT) return given.kind === Kind.NULL ? pageSize.standard : pageSize.largest;
  return Math.max(1, Math.min(pageSize.largest, Number(given.value)));
}
