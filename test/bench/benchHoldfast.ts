import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Api, type BackupSeen } from '../support/api.js';
import { startHoldfast, type RunningHoldfast } from '../support/holdfast.js';
import { makeEnvironment, makeProject, type Sources } from '../support/projects.js';

/** A Holdfast of a bench’s own, with a project. */
export class BenchHoldfast {
  private environments = 0;

  private constructor(
    readonly holdfast: RunningHoldfast,
    readonly api: Api,
    private readonly projectId: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<BenchHoldfast> {
    const holdfast = await startHoldfast({ HOLDFAST_MEDIA_SETTLE_SECONDS: '2', ...settings });
    const { graphql, token } = await holdfast.ready();
    const api = new Api(graphql, token);
    return new BenchHoldfast(holdfast, api, await makeProject(api, 'bench'));
  }

  /** An environment of which no backup exists yet. */
  async environment(sources: Sources): Promise<string> {
    this.environments += 1;
    return makeEnvironment(this.api, this.projectId, `env-${this.environments}`, sources);
  }

  /** Makes a backup; answers with the seconds from the request to SUCCEEDED and with the backup. */
  async backUp(environmentId: string, contents: string[]): Promise<{ seconds: number; backup: BackupSeen }> {
    const begun = performance.now();
    const id = await this.api.createBackup(environmentId, contents);
    const backup = (await this.api.follow(id)).at(-1);
    if (backup?.status !== 'SUCCEEDED') throw new Error(JSON.stringify(backup));
    return { seconds: (performance.now() - begun) / 1000, backup };
  }

  /** Bytes of all that is stored. */
  async storedBytes(): Promise<number> {
    const sizes = await Promise.all((await this.storedFiles()).map(async (file) => stat(file)));
    return sizes.reduce((sum, { size }) => sum + size, 0);
  }

  /** The paths of all that is stored. */
  async storedFiles(): Promise<string[]> {
    const found = await readdir(this.storage, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  }

  /** Takes away what is stored, so that many rounds fit on the disk; the backups are worth nothing afterwards. */
  async emptyStorage(): Promise<void> {
    for (const name of await readdir(this.storage)) {
      await rm(path.join(this.storage, name), { recursive: true });
    }
  }

  stop(): Promise<void> {
    return this.holdfast.stop();
  }

  private get storage(): string {
    return path.join(this.holdfast.data, 'storage');
  }
}
