import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { searchAttributes } from '#schema/domain';

const answerWithinMs = 5_000;
const dayMs = 24 * 60 * 60 * 1000;
/** Words of gRPC and of Temporal’s protocol. */
const [notFound, alreadyExists, invalidArgument] = [5, 6, 3];
const keyword: temporal.api.enums.v1.IndexedValueType = 2;

type Say = (line: string) => void;

/** What Temporal must have before jobs can run. */
export interface TemporalNeeds {
  /** `host:port` of its gRPC. */
  address: string;
  namespace: string;
  /** How many days closed workflows are kept. */
  historyDays: number;
}

/**
 * Makes the namespace, sets how long it keeps histories and adds the search attributes, each where it is missing, and
 * says what it did, a sentence each. Throws where Temporal does not answer or an attribute has another type.
 */
export async function prepareTemporal(needs: TemporalNeeds, say: Say = () => undefined): Promise<void> {
  await withTemporal(needs.address, async (connection) => {
    await ensureNamespace(connection, needs, say);
    await ensureSearchAttributes(connection, needs.namespace, say);
  });
}

/** Whether jobs can be found by every search attribute: Temporal learns of new ones some seconds late. */
export async function searchAttributesWork({ address, namespace }: TemporalNeeds): Promise<boolean> {
  const query = Object.values(searchAttributes)
    .map((name) => `${name} = 'none'`)
    .join(' OR ');
  return withTemporal(address, ({ workflowService }) =>
    workflowService.countWorkflowExecutions({ namespace, query }).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, invalidArgument) || hasCode(error, notFound)) return false;
        throw error;
      },
    ),
  );
}

async function withTemporal<Answer>(
  address: string,
  use: (connection: Connection) => Promise<Answer>,
): Promise<Answer> {
  const connection = await Connection.connect({ address, connectTimeout: answerWithinMs });
  try {
    return await connection.withDeadline(Date.now() + answerWithinMs, () => use(connection));
  } finally {
    await connection.close();
  }
}

async function ensureNamespace(
  { workflowService }: Connection,
  { namespace, historyDays }: TemporalNeeds,
  say: Say,
): Promise<void> {
  const retention = historyDays * dayMs;
  const days = `${historyDays} ${historyDays === 1 ? 'day' : 'days'}`;
  const known = await workflowService.describeNamespace({ namespace }).catch((error: unknown) => {
    if (hasCode(error, notFound)) return null;
    throw error;
  });
  if (known === null) {
    await workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(retention) })
      .catch((error: unknown) => {
        if (!hasCode(error, alreadyExists)) throw error;
      });
    say(`The namespace “${namespace}” was made; it keeps closed workflows for ${days}.`);
  } else if (optionalTsToMs(known.config?.workflowExecutionRetentionTtl) !== retention) {
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retention) },
    });
    say(`The namespace “${namespace}” now keeps closed workflows for ${days}.`);
  }
}

async function ensureSearchAttributes(
  { operatorService }: Connection,
  namespace: string,
  say: Say,
): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const there = new Map(Object.entries(customAttributes ?? {}));
  const wanted = Object.values(searchAttributes);
  const wrong = wanted.filter((name) => there.has(name) && there.get(name) !== keyword);
  if (wrong.length > 0) {
    throw new WrongSearchAttributes(
      `these search attributes of the namespace “${namespace}” are not of type Keyword: ${wrong.join(', ')}. ` +
        'Remove them (temporal operator search-attribute remove) or choose another TEMPORAL_NAMESPACE',
    );
  }
  const missing = wanted.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  await operatorService
    .addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    })
    .catch((error: unknown) => {
      if (!hasCode(error, alreadyExists)) throw error;
    });
  say(`Search attributes were added: ${missing.join(', ')}.`);
}

/** Attributes that are there with another type: no patience helps, a person has to decide. */
export class WrongSearchAttributes extends Error {
  override readonly name = 'WrongSearchAttributes';
}

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && Number(error.code) === code;
}
