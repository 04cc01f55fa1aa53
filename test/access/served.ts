import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import type { Person } from './callers.js';

export const rootTypes = ['Query', 'Mutation', 'Subscription'];

/** The schema as it is served, by introspection. */
export async function servedSchema(person: Person): Promise<GraphQLSchema> {
  const { data } = await person.post(getIntrospectionQuery());
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

/** The object types that answers are made of, without the three roots. */
export function answerTypes(schema: GraphQLSchema): string[] {
  return own(schema)
    .filter((type) => isObjectType(type) && !rootTypes.includes(type.name))
    .map(({ name }) => name);
}

/** `Type.field` of every object type. */
export function fieldNames(schema: GraphQLSchema, types: string[]): string[] {
  return types.flatMap((type) => fieldsOf(schema, type).map(({ name }) => `${type}.${name}`));
}

/** `Type.field(argument)` and `Input.field`, everywhere. */
export function argumentNames(schema: GraphQLSchema): string[] {
  return own(schema).flatMap((type) => {
    if (isInputObjectType(type)) return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
    if (!isObjectType(type)) return [];
    return fieldsOf(schema, type.name).flatMap(({ name, args }) =>
      args.map((argument) => `${type.name}.${name}(${argument.name})`),
    );
  });
}

/** A document that asks a root field with these variables as its arguments, for all that is two steps deep. */
export function documentOf(schema: GraphQLSchema, rootField: string, variables: object): string {
  const [type = '', name = ''] = rootField.split('.');
  const field = fieldsOf(schema, type).find((each) => each.name === name);
  if (!field) throw new Error(`${rootField} is not served.`);
  const given = field.args.filter((argument) => argument.name in variables);
  const declared = given.map((argument) => `$${argument.name}: ${argument.type.toString()}`).join(', ');
  const passed = given.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
  const around = (words: string) => (words ? `(${words})` : '');
  return `${type.toLowerCase()}${around(declared)} { ${name}${around(passed)} ${selectionOf(schema, field, 2)} }`;
}

/** What to select of a field: all leaves, so many steps deep; nothing of what needs arguments. */
export function selectionOf(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  steps: number,
): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  const parts = isUnionType(type)
    ? []
    : fieldsOf(schema, type.name)
        .filter((inner) => !inner.args.some(isRequiredArgument))
        .filter((inner) => steps > 1 || isLeafType(getNamedType(inner.type)))
        .map((inner) => `${inner.name} ${selectionOf(schema, inner, steps - 1)}`);
  return `{ __typename ${parts.join(' ')} }`;
}

/** What to select of a field to tell which it is: the id of an object that has one. */
export function idOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  return fieldsOf(schema, type.name).some(({ name }) => name === 'id') ? '{ id }' : '{ __typename }';
}

/** The fields of an object type or interface. */
export function fieldsOf(schema: GraphQLSchema, name: string): Array<GraphQLField<unknown, unknown>> {
  const type = schema.getType(name);
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
}

/** Where an input is given: root fields or fields of types, with the argument’s name. */
export function usesOfInput(
  schema: GraphQLSchema,
  input: string,
): Array<{ field: string; argument: string }> {
  return own(schema).flatMap((type) =>
    fieldsOf(schema, type.name).flatMap(({ name, args }) =>
      args
        .filter((argument) => getNamedType(argument.type).name === input)
        .map((argument) => ({ field: `${type.name}.${name}`, argument: argument.name })),
    ),
  );
}

function own(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
}
