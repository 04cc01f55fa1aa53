import { isInterfaceType, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { argumentRows } from '../access/argumentVerdicts.js';
import { askOwn, askWith, placesOf, probesOf, wordsOf } from '../access/argumentWalk.js';
import { everyCaller, isNobody, type Reply } from '../access/callers.js';
import { makeCast, type Cast } from '../access/cast.js';
import { typeRows } from '../access/fieldVerdicts.js';
import { nodeTargets, rootRows } from '../access/rootVerdicts.js';
import { askRow } from '../access/rootWalk.js';
import { answerTypes, argumentNames, fieldNames, rootTypes, servedSchema } from '../access/served.js';
import { expectVerdicts, objectsIn, queryBehindDoor } from '../access/typeWalk.js';
import { openCatalogue } from '../support/people.js';
import { sharedHoldfast } from '../support/shared.js';

let source: DataSource;
let cast: Cast;
let schema: GraphQLSchema;

beforeAll(async () => {
  const { data, ready } = await sharedHoldfast();
  source = await openCatalogue(data);
  cast = await makeCast(source, ready);
  schema = await servedSchema(cast.people.anonymous);
});
afterAll(async () => {
  await cast.leave();
  await source.destroy();
});

/** Names that are served without a verdict, and verdicts on what is not served, in words that say what to do. */
function compare(served: string[], judged: string[], file: string): string[] {
  return [
    ...served
      .filter((name) => !judged.includes(name))
      .map((name) => `${name} is served and has no verdict: add it to test/access/${file}`),
    ...judged
      .filter((name) => !served.includes(name))
      .map((name) => `${name} has a verdict and is not served: take it out of test/access/${file}`),
  ];
}

/** Nothing of what may not be seen is in the answer, in whatever words. */
async function expectNoSecret(reply: Reply): Promise<void> {
  const said = JSON.stringify(reply);
  expect((await cast.secrets()).filter((secret) => said.includes(secret))).toEqual([]);
}
const mayKnowNothing = (caller: string) => ['anonymous', 'revoked', 'stranger'].includes(caller);

describe('every name of the served schema has a verdict, and no other:', () => {
  test('fields of Query, Mutation and Subscription', () => {
    const judged = [...new Set(rootRows.map(({ field }) => field))];
    expect(compare(fieldNames(schema, rootTypes), judged, 'rootVerdicts.ts')).toEqual([]);
  });

  test('types, and their fields', () => {
    const types = answerTypes(schema);
    expect(compare(types, Object.keys(typeRows), 'fieldVerdicts.ts')).toEqual([]);
    const judged = Object.entries(typeRows).flatMap(
      ([type, { all, admin, operators, support, self, each = {} }]) =>
        [all, admin, operators, support, self, ...Object.keys(each)]
          .flatMap((words) => words?.split(' ') ?? [])
          .map((field) => `${type}.${field}`),
    );
    expect(compare(fieldNames(schema, types), judged, 'fieldVerdicts.ts')).toEqual([]);
  });

  test('arguments, and fields of inputs', () => {
    expect(compare(argumentNames(schema), Object.keys(argumentRows), 'argumentVerdicts.ts')).toEqual([]);
  });

  test('kinds of nodes', () => {
    const node = schema.getType('Node');
    const kinds = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
    expect(compare(kinds, Object.keys(nodeTargets), 'rootVerdicts.ts')).toEqual([]);
  });
});

test('nobody gets a WebSocket without a credential that is worth something', async () => {
  for (const caller of everyCaller.filter(isNobody))
    expect(await cast.people[caller].socket('{ viewer { id } }')).toEqual({ closed: 4401 });
});

describe.each(everyCaller)('what types show to %s:', (caller) => {
  const rows = Object.entries(typeRows).flatMap(([type, row]) => (row.door ? [{ type, row }] : []));

  test.each(rows)('$type', async ({ type, row }) => {
    const query = queryBehindDoor(schema, cast, type, row);
    const person = cast.people[caller];
    const admins = objectsIn((await cast.people.admin.post(query)).data);
    expect(admins).not.toEqual([]);
    const replies = [await person.post(query)];
    if (!isNobody(caller)) replies.push(await person.socket(query));
    for (const reply of replies) {
      expectVerdicts(row, caller, person, objectsIn(reply.data), admins);
      if (mayKnowNothing(caller)) await expectNoSecret(reply);
    }
  });
});

describe.each(everyCaller)('what is answered to %s by', (caller) => {
  const rows = rootRows.map((row) => ({ row, name: `${row.field}${row.case ? ` (${row.case})` : ''}` }));

  test.each(rows)('$name', async ({ row }) => {
    for (const [way, { verdict, reply }] of Object.entries(await askRow(schema, cast, row, caller))) {
      expect({ way, verdict, reply }).toEqual({ way, verdict: row.verdicts[caller], reply });
      if (mayKnowNothing(caller)) await expectNoSecret(reply);
    }
  });
});

describe('to a stranger', () => {
  const rows = Object.entries(argumentRows).map(([name, kind]) => ({ name, kind }));
  const naming = rows.flatMap(({ name, kind }) => (typeof kind === 'string' ? [{ name, kind }] : []));
  const narrowing = rows.flatMap(({ name, kind }) => (typeof kind === 'function' ? [{ name, kind }] : []));

  test.each(naming.filter(({ kind }) => kind !== 'value'))(
    'what is missing, malformed, deleted and foreign is all the same: $name',
    async ({ name, kind }) => {
      if (kind === 'value') return;
      for (const place of placesOf(schema, name)) {
        const [missing, ...others] = probesOf(kind, cast);
        const nothing = wordsOf(await askWith(schema, cast, place, missing));
        for (const probe of others)
          expect({ probe, said: wordsOf(await askWith(schema, cast, place, probe)) }).toEqual({
            probe,
            said: nothing,
          });
      }
    },
  );

  test.each(narrowing)('a list finds nothing foreign: $name', async ({ name, kind }) => {
    for (const place of placesOf(schema, name)) {
      const reply = await askOwn(schema, cast, place, await kind(cast));
      expect(reply.errors).toBeUndefined();
      await expectNoSecret(reply);
    }
  });
});
