import type { DemoSuperuser } from './demoDatabase.js';

/** What making the demo needs. */
export interface CreateDemoOptions {
  graphqlUrl: string;
  /** An API token of the person who is to be the project's first administrator. */
  token: string;
  /** The folder of the demo's media and of its record; nobody else writes there. */
  demoDir: string;
  superuser: DemoSuperuser;
  /** Where the passwords of the demo's database roles are kept (0600). */
  secretsDir: string;
  log: (line: string) => void;
}
