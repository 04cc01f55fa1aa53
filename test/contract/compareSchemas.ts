import {
  astFromValue,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isTypeSubTypeOf,
  isUnionType,
  parseType,
  print,
  specifiedScalarTypes,
  typeFromAST,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  type GraphQLUnionType,
} from 'graphql';

/** How what is served stands to what is promised. */
export interface Comparison {
  /** Names that are promised and not served: `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`, … */
  missing: string[];
  /** What is served otherwise than promised; a sentence each. */
  broken: string[];
}

/**
 * Compares what is served with what is promised. More is welcome (types, fields, values, arguments that nobody has
 * to give); what is promised keeps its name, its kind, its type and its default.
 */
export function compareSchemas(promised: GraphQLSchema, served: GraphQLSchema): Comparison {
  const found: Comparison = { missing: [], broken: [] };
  const builtIn = new Set(specifiedScalarTypes.map(({ name }) => name));
  for (const type of Object.values(promised.getTypeMap())) {
    if (type.name.startsWith('__') || builtIn.has(type.name)) continue;
    const own = served.getType(type.name);
    if (own) compareType(type, own, served, found);
    else found.missing.push(type.name);
  }
  return found;
}

function compareType(
  promised: GraphQLNamedType,
  own: GraphQLNamedType,
  served: GraphQLSchema,
  found: Comparison,
): void {
  if (hasFields(promised) && hasFields(own) && kindOf(promised) === kindOf(own)) {
    compareFields(promised, own, served, found);
  } else if (isInputObjectType(promised) && isInputObjectType(own)) {
    compareInput(promised, own, served, found);
  } else if (isEnumType(promised) && isEnumType(own)) {
    compareNames(promised, valueNames(promised), valueNames(own), '.', found);
  } else if (isUnionType(promised) && isUnionType(own)) {
    compareNames(promised, memberNames(promised), memberNames(own), ' = ', found);
  } else if (kindOf(promised) !== kindOf(own)) {
    found.broken.push(`${promised.name} is promised as ${kindOf(promised)} and served as ${kindOf(own)}.`);
  }
}

type WithFields = GraphQLObjectType | GraphQLInterfaceType;

function compareFields(
  promised: WithFields,
  own: WithFields,
  served: GraphQLSchema,
  found: Comparison,
): void {
  const names = (type: WithFields) => type.getInterfaces().map(({ name }) => name);
  compareNames(promised, names(promised), names(own), ' implements ', found);
  for (const field of Object.values(promised.getFields())) {
    const name = `${promised.name}.${field.name}`;
    const ownField = own.getFields()[field.name];
    if (!ownField) {
      found.missing.push(name);
      continue;
    }
    if (!answersFit(field.type, ownField.type, served))
      found.broken.push(typeSentence(name, field.type, ownField.type));
    compareArguments(name, field, ownField, served, found);
  }
}

function compareArguments(
  name: string,
  field: GraphQLField<unknown, unknown>,
  ownField: GraphQLField<unknown, unknown>,
  served: GraphQLSchema,
  found: Comparison,
): void {
  for (const argument of field.args) {
    const own = ownField.args.find((each) => each.name === argument.name);
    if (own) compareGiven(`${name}(${argument.name})`, argument, own, served, found);
    else found.missing.push(`${name}(${argument.name})`);
  }
  for (const own of ownField.args) {
    if (isRequiredArgument(own) && !field.args.some((each) => each.name === own.name)) {
      found.broken.push(
        `${name}(${own.name}) is required and was never promised: give it a default or make it nullable.`,
      );
    }
  }
}

function compareInput(
  promised: GraphQLInputObjectType,
  own: GraphQLInputObjectType,
  served: GraphQLSchema,
  found: Comparison,
): void {
  for (const field of Object.values(promised.getFields())) {
    const name = `${promised.name}.${field.name}`;
    const ownField = own.getFields()[field.name];
    if (ownField) compareGiven(name, field, ownField, served, found);
    else found.missing.push(name);
  }
  for (const ownField of Object.values(own.getFields())) {
    if (isRequiredInputField(ownField) && !promised.getFields()[ownField.name]) {
      const name = `${own.name}.${ownField.name}`;
      found.broken.push(`${name} is required and was never promised: give it a default or make it nullable.`);
    }
  }
  if (own.isOneOf && !promised.isOneOf)
    found.broken.push(`${own.name} is served as @oneOf and was never promised so.`);
}

/** What people give: the same type or a looser one, and the same default. */
function compareGiven(
  name: string,
  given: GraphQLArgument | GraphQLInputField,
  own: GraphQLArgument | GraphQLInputField,
  served: GraphQLSchema,
  found: Comparison,
): void {
  const type = inServed(given.type, served);
  if (!type || !isTypeSubTypeOf(served, type, own.type))
    found.broken.push(typeSentence(name, given.type, own.type));
  const [was, is] = [defaultInWords(given), defaultInWords(own)];
  if (was !== is) found.broken.push(`${name} is promised with ${was} and served with ${is}.`);
}

/** What people get: the same type or a stricter one. */
function answersFit(promised: GraphQLType, own: GraphQLType, served: GraphQLSchema): boolean {
  const type = inServed(promised, served);
  return type !== undefined && isTypeSubTypeOf(served, own, type);
}

/** The promised type as the served schema knows it, so that graphql-js can compare the two. */
function inServed(type: GraphQLType, served: GraphQLSchema): GraphQLType | undefined {
  return typeFromAST(served, parseType(String(type)));
}

function compareNames(
  type: GraphQLNamedType,
  promised: string[],
  own: string[],
  link: string,
  found: Comparison,
): void {
  for (const name of promised) if (!own.includes(name)) found.missing.push(`${type.name}${link}${name}`);
}

const valueNames = (type: GraphQLEnumType) => type.getValues().map(({ name }) => name);
const memberNames = (type: GraphQLUnionType) => type.getTypes().map(({ name }) => name);

function defaultInWords({ defaultValue, type }: GraphQLArgument | GraphQLInputField): string {
  const value = astFromValue(defaultValue, type);
  return value ? `the default ${print(value)}` : 'no default';
}

function typeSentence(name: string, promised: GraphQLType, own: GraphQLType): string {
  return `${name} is promised as ${String(promised)} and served as ${String(own)}.`;
}

function hasFields(type: GraphQLNamedType): type is WithFields {
  return isObjectType(type) || isInterfaceType(type);
}

function kindOf(type: GraphQLNamedType): string {
  if (isObjectType(type)) return 'a type';
  if (isInterfaceType(type)) return 'an interface';
  if (isUnionType(type)) return 'a union';
  if (isEnumType(type)) return 'an enum';
  return isInputObjectType(type) ? 'an input' : 'a scalar';
}
