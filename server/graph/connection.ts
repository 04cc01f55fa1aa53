import { Field, Int, ObjectType, type ClassType } from 'type-graphql';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { pageSize } from '#schema/domain';
import { isUuid } from '../access/isUuid.js';
import { badUserInput } from './faults.js';

/** Where a page of a list lies in the whole. */
@ObjectType({ description: 'Where a page of a list lies in the whole.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether older ones follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether newer ones come before.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The first row’s cursor.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The last row’s cursor.' })
  endCursor!: string | null;
}

/** One page of rows, and how to count them all when that is asked for. */
export interface Page<Row> {
  nodes: Row[];
  edges: Array<{ cursor: string; node: Row }>;
  pageInfo: PageInfo;
  count: () => Promise<number>;
}

/** The GraphQL classes of a Relay connection over a noun. */
export function connectionOf<Row extends object>(
  noun: abstract new () => Row,
  name: string,
): { Edge: ClassType; Connection: ClassType<Page<Row>> } {
  @ObjectType(`${name}Edge`, { description: `A ${name} in a list.` })
  class Edge {
    @Field(() => String, { description: 'Where it lies in the list.' })
    cursor!: string;

    @Field(() => noun as ClassType<Row>, { description: 'The row.' })
    node!: Row;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list, newest first.` })
  class Connection implements Page<Row> {
    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    edges!: Edge[];

    @Field(() => [noun as ClassType<Row>], { description: 'The rows.' })
    nodes!: Row[];

    @Field(() => PageInfo, { description: 'Where the page lies.' })
    pageInfo!: PageInfo;

    count!: () => Promise<number>;

    @Field(() => Int, { description: 'How many there are in all: exact, and counted only when asked for.' })
    async totalCount(): Promise<number> {
      return this.count();
    }
  }
  return { Edge, Connection };
}

/** Paging arguments as Relay means them. */
export interface PageArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

/** A position in a list that is ordered newest first by (time, id). */
export interface Position {
  time: Date;
  id: string;
}

function encode({ time, id }: Position): string {
  return Buffer.from(`${time.toISOString()} ${id}`).toString('base64url');
}

function decode(cursor: string, name: string): Position {
  const [time, id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(time ?? '');
  const year = at.getUTCFullYear();
  if (!id || !isUuid(id) || !(year >= 1970 && year <= 9999)) {
    throw badUserInput(`\`${name}\` is no cursor of this list: use one that the list itself gave.`);
  }
  return { time: at, id };
}

function sizeOf(args: PageArguments): { size: number; backwards: boolean } {
  const { first, last } = args;
  if (first != null && last != null) throw badUserInput('Give `first` or `last`, not both.');
  const size = first ?? last ?? pageSize.standard;
  if (size < 1 || size > pageSize.largest) {
    throw badUserInput(`\`${last == null ? 'first' : 'last'}\` must be 1 to ${pageSize.largest}.`);
  }
  return { size, backwards: last != null };
}

/** Which rows of a list a page asks for. */
export interface Window {
  /** Only rows older than this. */
  after: Position | null;
  /** Only rows newer than this. */
  before: Position | null;
  /** Of (time, id): `DESC` is newest first. */
  direction: 'ASC' | 'DESC';
  /** One more than the page, to tell whether others follow. */
  limit: number;
}

/**
 * One page of whatever `read` answers for a window. Rows that arrive meanwhile neither repeat nor hide others, as
 * long as `read` orders by (time, id) and bounds by the same.
 */
export async function pageOf<Row extends { id: string }>(
  args: PageArguments,
  timeOf: (row: Row) => Date,
  read: (window: Window) => Promise<Row[]>,
  count: () => Promise<number>,
): Promise<Page<Row>> {
  const { size, backwards } = sizeOf(args);
  const rows = await read({
    after: args.after == null ? null : decode(args.after, 'after'),
    before: args.before == null ? null : decode(args.before, 'before'),
    direction: backwards ? 'ASC' : 'DESC',
    limit: size + 1,
  });
  const more = rows.length > size;
  const nodes = rows.slice(0, size);
  if (backwards) nodes.reverse();
  const edges = nodes.map((node) => ({ cursor: encode({ time: timeOf(node), id: node.id }), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: backwards ? args.before != null : more,
      hasPreviousPage: backwards ? more : args.after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count,
  };
}

/** One page of an entity’s rows. `timeProperty` is the entity’s property that the list is ordered by. */
export async function readPage<Row extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<Row>,
  args: PageArguments,
  timeProperty: string,
  timeOf: (row: Row) => Date,
): Promise<Page<Row>> {
  const read = async ({ after, before, direction, limit }: Window) => {
    const page = query.clone();
    if (after) addBound(page, timeProperty, '<', 'after', after);
    if (before) addBound(page, timeProperty, '>', 'before', before);
    return page
      .orderBy(`${query.alias}.${timeProperty}`, direction)
      .addOrderBy(`${query.alias}.id`, direction)
      .take(limit)
      .getMany();
  };
  return pageOf(args, timeOf, read, () => query.clone().getCount());
}

function addBound<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  timeProperty: string,
  sign: '<' | '>',
  name: string,
  position: Position,
): void {
  const { alias } = query;
  query.andWhere(`(${alias}.${timeProperty}, ${alias}.id) ${sign} (:${name}Time, :${name}Id)`, {
    [`${name}Time`]: position.time,
    [`${name}Id`]: position.id,
  });
}
