import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Api } from './api.js';
import type { Databases, ProjectDatabase } from './databases.js';
import { makeEnvironment } from './projects.js';

/** Where sites are made. */
export interface Ground {
  api: Api;
  databases: Databases;
  projectId: string;
  /** Their media folders lie here. */
  folder: string;
}

const both = ['DATABASE', 'MEDIA'];
let made = 0;

/** An environment with a database and a media folder of its own. */
export class Site {
  private constructor(
    private readonly ground: Ground,
    readonly id: string,
    readonly database: ProjectDatabase,
    readonly media: string,
  ) {}

  static async make(ground: Ground, megabytes = 1, rights = 'CREATEDB'): Promise<Site> {
    const { api, databases, projectId, folder } = ground;
    made += 1;
    const name = `restored_${process.pid}_${made}`;
    const database = await databases.make(name, megabytes, rights);
    const media = path.join(folder, name);
    await mkdir(media);
    const slug = `site-${made}`;
    const id = await makeEnvironment(api, projectId, slug, {
      databaseUrl: database.url,
      media: { directory: media },
    });
    const site = new Site(ground, id, database, media);
    await site.fill(`first of ${name}`);
    return site;
  }

  /** New content in both. */
  async fill(what: string): Promise<void> {
    await this.ground.databases.ask(this.database, 'INSERT INTO notes SELECT max(id) + 1, $1 FROM notes', [
      what,
    ]);
    await rm(path.join(this.media, 'sub'), { recursive: true, force: true });
    await mkdir(path.join(this.media, 'sub'));
    await writeFile(path.join(this.media, 'sub', 'what.txt'), what);
    await writeFile(
      path.join(this.media, `${createHash('md5').update(what).digest('hex')}.bin`),
      randomBytes(200_000),
    );
  }

  /** Everything it holds, as one value. */
  async content(): Promise<{ rows: string; files: string[] }> {
    const [row] = await this.ground.databases.ask<{ rows: string }>(
      this.database,
      `SELECT md5(string_agg(notes::text, '|' ORDER BY id)) AS rows FROM notes`,
    );
    const names = await readdir(this.media, { recursive: true, withFileTypes: true });
    const files = await Promise.all(
      names
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const file = path.join(entry.parentPath, entry.name);
          const hash = createHash('md5')
            .update(await readFile(file))
            .digest('hex');
          return `${path.relative(this.media, file)} ${hash}`;
        }),
    );
    return { rows: row?.rows ?? '', files: files.sort() };
  }

  async backUp(contents = both): Promise<string> {
    const { api } = this.ground;
    const { id } = await api.untilBackup(await api.createBackup(this.id, contents), ['SUCCEEDED']);
    return id;
  }

  /** Gives the environment another database; the present one stays where it is. */
  async moveDatabase(databaseUrl: string): Promise<void> {
    await this.ground.api.make(
      'updateEnvironment',
      'environment',
      'mutation($input: UpdateEnvironmentInput!) { updateEnvironment(input: $input) { environment { id } userErrors { code field message } } }',
      { input: { id: this.id, databaseUrl } },
    );
  }

  /** Deletes the environment; database and folder stay. */
  async delete(): Promise<void> {
    const { slug, project } = await this.ground.api.ask<{ slug: string; project: { slug: string } }>(
      'node',
      'query($id: ID!) { node(id: $id) { ... on Environment { slug project { slug } } } }',
      { id: this.id },
    );
    await this.ground.api.make(
      'deleteEnvironment',
      'project',
      'mutation($id: ID!, $confirmation: String!) { deleteEnvironment(id: $id, confirmation: $confirmation) { project { id } userErrors { code field message } } }',
      { id: this.id, confirmation: `${project.slug}/${slug}` },
    );
  }

  /** What is left beside it that a restore made. */
  async beside(): Promise<{ databases: string[]; folders: string[] }> {
    const names = await this.ground.databases.names(this.database.name);
    const entries = await readdir(this.ground.folder);
    return {
      databases: names.filter(
        (name) => name !== this.database.name && name.startsWith(`${this.database.name}_`),
      ),
      folders: entries.filter((name) => name.startsWith(`${path.basename(this.media)}.`)),
    };
  }
}
