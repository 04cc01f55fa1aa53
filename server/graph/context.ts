import type { DataSource } from 'typeorm';
import type { FileLinks, SecretBox } from '#schema/catalogue';
import { Access } from '../access/access.js';
import type { Mailer } from '../identity/mailer.js';
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
  fileLinks: FileLinks;
  launcher: JobLauncher;
  changes: Changes;
  /** Null where no mail server is set. */
  mailer: Mailer | null;
}

/** What a resolver is given: the server’s tools, who asks, and what that person may see. */
export class Context {
  readonly loaders: Loaders;

  constructor(
    readonly tools: Tools,
    readonly access: Access,
    /** The address that the request came from; null where that is not known. */
    readonly remoteAddress: string | null = null,
  ) {
    this.loaders = createLoaders(tools.catalogue);
  }

  /** A context for whoever this credential stands for now. */
  static async for(
    tools: Tools,
    credential: Credential | null,
    remoteAddress: string | null = null,
  ): Promise<Context> {
    const viewer = await identify(tools.catalogue, credential);
    return new Context(tools, new Access(tools.catalogue, viewer), remoteAddress);
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
}
