import { randomUUID } from 'node:crypto';
import { getNullableType, isInputObjectType, isListType, type GraphQLSchema } from 'graphql';
import type { ArgumentRow } from './argumentVerdicts.js';
import type { Reply } from './callers.js';
import type { Cast } from './cast.js';
import { rootRows } from './rootVerdicts.js';
import { documentOf, fieldsOf, selectionOf, usesOfInput } from './served.js';

/** A place where a value can be put: a field’s argument, or a field of the input that is the argument. */
interface Place {
  field: string;
  argument: string;
  /** Within the input; null where the argument itself is meant. */
  within: string | null;
  isList: boolean;
}

/** Where the argument or input’s field of this name is given. */
export function placesOf(schema: GraphQLSchema, name: string): Place[] {
  const asArgument = /^(.+)\((.+)\)$/.exec(name);
  if (asArgument) {
    const [, field = '', argument = ''] = asArgument;
    return [{ field, argument, within: null, isList: isList(schema, field, argument) }];
  }
  const [input = '', within = ''] = name.split('.');
  const type = schema.getType(input);
  const its = isInputObjectType(type) ? type.getFields()[within]?.type : undefined;
  return usesOfInput(schema, input).map((use) => ({
    ...use,
    within,
    isList: its !== undefined && isListType(getNullableType(its)),
  }));
}

function isList(schema: GraphQLSchema, field: string, argument: string): boolean {
  const [type = '', name] = field.split('.');
  const found = fieldsOf(schema, type)
    .find((each) => each.name === name)
    ?.args.find((each) => each.name === argument);
  return found !== undefined && isListType(getNullableType(found.type));
}

/** Names that stand for nothing, and names of things that the stranger may not see: all are answered alike. */
export function probesOf(kind: Exclude<ArgumentRow, 'value' | Function>, cast: Cast): string[] {
  const rubbish = ['', ' ', 'x', 'ü\n', 'a\0b', `${randomUUID()}x`, 'x'.repeat(10_000)];
  const {
    project,
    environment,
    brokenEnvironment,
    deletedEnvironment,
    backup,
    restore,
    member,
    memberToken,
  } = cast;
  const ids = [
    project,
    environment,
    brokenEnvironment,
    deletedEnvironment,
    backup,
    restore,
    member,
    memberToken,
  ];
  switch (kind) {
    case 'id':
      return [randomUUID(), ...rubbish, ...ids, backup.toUpperCase()];
    case 'slug':
      return ['no-such-project', ...rubbish, 'No Slug', cast.slug, cast.slug.toUpperCase()];
    case 'workflow':
      return [
        `backup/${randomUUID()}`,
        ...rubbish,
        ...rubbish.map((each) => `backup/${each}`),
        ...ids.map((id) => `backup/${id}`),
        backup,
        `check/${environment}/${randomUUID()}`,
        ...ids.map((id) => `restore/${id}`),
      ];
  }
}

/** Asks a root field as the stranger with such a value in this place, the rest as its row of verdicts has it. */
export async function askWith(
  schema: GraphQLSchema,
  cast: Cast,
  place: Place,
  value: unknown,
): Promise<Reply> {
  const row = rootRows.find(({ field }) => field === place.field);
  if (!row) throw new Error(`${place.field} has no row in test/access/rootVerdicts.ts`);
  const { stranger } = cast.people;
  const usual = (await row.with(cast, stranger)) as Record<string, unknown>;
  const variables = { ...usual, ...inPlace(place, value, usual[place.argument]) };
  const query = documentOf(schema, place.field, variables);
  return place.field.startsWith('Subscription.')
    ? stranger.stream(query, variables)
    : stranger.post(query, variables);
}

/** Asks a list or look-up in the stranger’s own project, or of all that they may see, with such a value. */
export async function askOwn(
  schema: GraphQLSchema,
  cast: Cast,
  place: Place,
  value: unknown,
): Promise<Reply> {
  const [type = '', name] = place.field.split('.');
  if (type === 'Query') return askWith(schema, cast, place, value);
  const field = fieldsOf(schema, type).find((each) => each.name === name);
  const argument = field?.args.find((each) => each.name === place.argument);
  if (type !== 'Project' || !field || !argument)
    throw new Error(`Say in test/access/argumentWalk.ts how a stranger comes to ${place.field}.`);
  const asked = `${field.name}(${argument.name}: $value) ${selectionOf(schema, field, 2)}`;
  return cast.people.stranger.post(
    `query($slug: String!, $value: ${argument.type.toString()}) { project(slug: $slug) { id ${asked} } }`,
    { slug: cast.foreignSlug, value: inPlace(place, value)[place.argument] },
  );
}

function inPlace(
  { argument, within, isList }: Place,
  value: unknown,
  usual?: unknown,
): Record<string, unknown> {
  const given = isList && !Array.isArray(value) ? [value] : value;
  return { [argument]: within ? { ...(usual as object | undefined), [within]: given } : given };
}

/** What was said, without where in the document. */
export function wordsOf({ data, errors, closed }: Reply): object {
  return { data, closed, errors: errors?.map(({ message, extensions }) => [message, extensions?.code]) };
}
