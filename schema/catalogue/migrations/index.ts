import { FirstLight1763856000000 } from './1763856000000-firstLight.js';
import { PeopleAndJobs1763942400000 } from './1763942400000-peopleAndJobs.js';
import { Engine1764028800000 } from './1764028800000-engine.js';
import { Restores1764115200000 } from './1764115200000-restores.js';
import { Downloads1764201600000 } from './1764201600000-downloads.js';

/** Every migration, oldest first. */
export const migrations = [
  FirstLight1763856000000,
  PeopleAndJobs1763942400000,
  Engine1764028800000,
  Restores1764115200000,
  Downloads1764201600000,
];
