import type { Context } from '../graph/context.js';
import type { Doer } from './audit.js';

/** Who calls the API. */
export function doerOf(context: Context): Doer {
  const { user, by } = context.signedIn();
  return { user, by: by.kind, remoteAddress: context.remoteAddress };
}
