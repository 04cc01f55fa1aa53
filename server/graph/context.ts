import type { DataSource } from 'typeorm';
import type { SecretBox } from '#schema/catalogue';
import { Access } from '../access/access.js';
import type { Credential, Viewer } from '../identity/viewer.js';
import { identify } from '../identity/viewer.js';
import type { JobLauncher } from '../jobs/launcher.js';
import type { Changes } from '../live/changes.js';
import type { ServerSettings } from '../settings.js';
import { unauthenticated } from './faults.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What the whole server shares. */
export interface Tools {
  catalogue: DataSource;
  settings: ServerSettings;
  secretBox: SecretBox;
  launcher: JobLauncher;
  changes: Changes;
}

/** What a resolver is given: the server’s tools, who asks, and what that person may see. */
export class Context {
  access: Access;
  loaders: Loaders;

  private constructor(
    readonly tools: Tools,
    private readonly credential: Credential | null,
    viewer: Viewer | null,
  ) {
    this.access = new Access(tools.catalogue, viewer);
    this.loaders = createLoaders(tools.catalogue);
  }

  /** A context for whoever this credential stands for now. */
  static async for(tools: Tools, credential: Credential | null): Promise<Context> {
    return new Context(tools, credential, await identify(tools.catalogue, credential));
  }

  get catalogue(): DataSource {
    return this.tools.catalogue;
  }

  get viewer(): Viewer | null {
    return this.access.viewer;
  }

  /** Who is signed in; throws UNAUTHENTICATED where nobody is. */
  signedIn(): Viewer {
    if (!this.viewer) throw unauthenticated();
    return this.viewer;
  }

  /** Forgets what was loaded and asks anew who this is: a subscription does so before every event. */
  async refresh(): Promise<void> {
    this.access = new Access(this.tools.catalogue, await identify(this.tools.catalogue, this.credential));
    this.loaders = createLoaders(this.tools.catalogue);
  }
}
