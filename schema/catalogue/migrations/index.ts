import { FirstLight1763856000000 } from './1763856000000-firstLight.js';

/** Every migration, oldest first. */
export const migrations = [FirstLight1763856000000];
