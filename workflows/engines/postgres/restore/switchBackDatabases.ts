import { switchDatabases, type SwitchOrder } from './switchDatabases.js';

/** Puts things back as they were before `switchDatabases`, with the same order; `already` where they are. */
export async function switchBackDatabases(order: SwitchOrder): Promise<'switched' | 'already'> {
  const { live, staged, old, liveOid, stagedOid } = order;
  // Where there was none before, the name is only given up again.
  if (liveOid === null) return switchDatabases({ ...order, live: staged, staged: live });
  return switchDatabases({ ...order, staged: old, old: staged, liveOid: stagedOid, stagedOid: liveOid });
}
