import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../../stepProblem.js';
import { withConnection, type ConnectionOrder } from '../connect.js';
import { asRestoreProblem } from './restoreProblem.js';

/** Databases that nearly every server has. */
const usual = ['postgres', 'template1'];
/** What a server answers that would let the role into another database. */
const closedHere = /does not exist|permission denied for database|pg_hba\.conf|not currently accepting/;

/**
 * Lends a connection to a database of the server that is none of `except`: neither can a database be renamed or
 * dropped from within, nor can what does not exist be connected to.
 */
export async function withMaintenance<T>(
  address: DatabaseAddress,
  order: ConnectionOrder & { except?: readonly (string | null)[] },
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const names = usual.filter((name) => !order.except?.includes(name));
  let refusal: unknown;
  for (const database of names) {
    let connected = false;
    const there = { ...address, database };
    try {
      return await withConnection(there, order, (client) => {
        connected = true;
        return use(client);
      });
    } catch (error: unknown) {
      if (connected || !isClosedHere(error)) throw asRestoreProblem(there, error);
      refusal ??= error;
    }
  }
  throw (
    refusal ?? new StepProblem('DATABASE_PERMISSION', `There is no database to work from beside ${names}`)
  );
}

function isClosedHere(error: unknown): boolean {
  return error instanceof StepProblem && closedHere.test(error.message);
}
