import type { GraphQLSchema } from 'graphql';
import { isNobody, type Caller, type Person, type Reply } from './callers.js';
import type { Cast } from './cast.js';
import type { RootRow } from './rootVerdicts.js';
import { documentOf } from './served.js';

/** What somebody was answered, by transport. */
export type Answers = Record<string, { verdict: string; reply: Reply }>;

/** Asks one row as one caller: over HTTP (subscriptions: SSE), and over a WebSocket by whoever gets one. */
export async function askRow(
  schema: GraphQLSchema,
  cast: Cast,
  row: RootRow,
  caller: Caller,
): Promise<Answers> {
  const isSubscription = row.field.startsWith('Subscription.');
  const ways = isSubscription ? (['stream', 'socket'] as const) : (['post', 'socket'] as const);
  const answers: Answers = {};
  for (const way of ways) {
    if (way === 'socket' && isNobody(caller)) continue;
    const person = row.spare ? await cast.sparePerson(caller) : cast.people[caller];
    const variables = await row.with(cast, person);
    const ask = () => person[way](documentOf(schema, row.field, variables), variables);
    const reply = isSubscription ? await whileChanging(cast, ask) : await ask();
    const closedByItself = row.signsOut && way === 'socket' && reply.closed === 4401;
    const verdict = closedByItself ? 'DONE' : await verdictOf(row.field, reply, person, cast);
    if (row.signsOut) await expectSignedOut(person, caller);
    answers[way] = { verdict, reply };
    if (row.spare) await person.leave();
  }
  return answers;
}

/** Of one who was signed in: nothing that they presented is worth anything now. */
async function expectSignedOut(person: Person, caller: Caller): Promise<void> {
  const { data } = await person.post('{ viewer { id } }');
  if (data?.viewer !== null) throw new Error(`${caller} is still signed in`);
}

/** A subscription that tells nothing of the present needs something that happens. */
async function whileChanging(cast: Cast, ask: () => Promise<Reply>): Promise<Reply> {
  const state = { over: false };
  const asked = ask().finally(() => (state.over = true));
  for (let change = 1; !state.over; change += 1) {
    await cast.api.send(
      'mutation($i: UpdateBackupInput!) { updateBackup(input: $i) { userErrors { code } } }',
      { i: { id: cast.backup, note: `${cast.mark} change ${change}` } },
    );
    await Promise.race([asked.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  return asked;
}

async function verdictOf(field: string, reply: Reply, asks: Person, cast: Cast): Promise<string> {
  if (reply.closed === 4401) return 'UNAUTHENTICATED';
  const code = reply.errors?.[0]?.extensions?.code;
  if (reply.errors || reply.closed) return String(code ?? JSON.stringify(reply));
  const value = reply.data?.[field.split('.')[1] ?? ''] as Record<string, unknown> | null;
  const [refusal] = (value?.userErrors ?? []) as Array<{ code: string }>;
  if (refusal) return refusal.code;
  if (field.startsWith('Mutation.')) return 'DONE';
  if (value?.id === asks.id) return 'THEMSELVES';
  const said = JSON.stringify(value);
  return (await cast.secrets()).some((secret) => said.includes(secret)) ? 'SEES' : 'NOTHING';
}
