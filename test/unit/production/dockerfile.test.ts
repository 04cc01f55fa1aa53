import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { instructions, readDockerfile } from '../../support/dockerfile.js';
import { projectFile } from '../../support/native.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const dockerfile = readDockerfile(projectFile('Dockerfile'));
const final = dockerfile.at(-1)?.stage ?? '';
const of = (name: string, stage?: string) => instructions(dockerfile, name, stage);

/** What `.dockerignore` lets into the build: all is ignored but what a line beginning with ! names. */
const allowed = projectFile('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

describe('the Dockerfile', () => {
  it('is built on one image of one version', () => {
    const stages = new Set<string>();
    const foreign = of('FROM').filter((text) => {
      const [image = '', , name = ''] = text.split(' ');
      const isStage = stages.has(image);
      stages.add(name);
      return !isStage;
    });
    expect(foreign).toEqual([expect.stringMatching(/^node:(20|22)\.\d+\.\d+-\w+-slim AS base$/)]);
    const [, version = ''] = /^node:(\d+\.\d+\.\d+)/.exec(foreign[0] ?? '') ?? [];
    expect(major(version)).toBeGreaterThanOrEqual(20);
  });

  it('copies only what is there and what .dockerignore lets in', () => {
    const sources = of('COPY')
      .filter((text) => !text.startsWith('--from='))
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(sources).not.toEqual([]);
    for (const source of sources) {
      const name = path.normalize(source).replace(/\/$/, '');
      expect(existsSync(path.join(root, name)), name).toBe(true);
      expect(allowed, name).toContain(name);
    }
    expect(projectFile('.dockerignore').split('\n')).toContain('*');
    expect(of('ADD')).toEqual([]);
  });

  it('copies from stages that there are, what they make', () => {
    const stages = of('FROM').map((text) => text.split(' ').at(-1));
    for (const text of of('COPY').filter((each) => each.startsWith('--from='))) {
      expect(stages, text).toContain(/^--from=(\S+)/.exec(text)?.[1]);
    }
    expect(of('RUN', 'build').join()).toContain('npm run build');
  });

  it('has only the packages of production in its last stage', () => {
    expect(of('COPY', final)).toContain('--from=packages /app/node_modules ./node_modules');
    expect(of('RUN', 'packages').join()).toContain('npm install --omit=dev');
    expect(of('RUN', final).join()).not.toMatch(/\bnpm\b/);
  });

  it('leaves nothing of the package lists behind, and fetches by signed repositories only', () => {
    for (const run of of('RUN', final).filter((text) => text.includes('apt-get install'))) {
      expect(run).toContain('--no-install-recommends');
      expect(run).toContain('rm -rf /var/lib/apt/lists/*');
      expect(run).toContain('signed-by=');
    }
    expect(of('RUN').join('\n')).not.toMatch(/curl|wget|trusted=yes|--allow-unauthenticated/);
  });

  it('has the client programs of every supported PostgreSQL', () => {
    expect(of('ARG', final)).toEqual(['POSTGRES_MAJORS="13 14 15 16 17 18"']);
  });

  it('runs as somebody without rights, from the command down', () => {
    const [user = ''] = of('USER', final);
    expect(of('USER', final)).toHaveLength(1);
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const last = dockerfile.findLastIndex(({ name }) => name === 'RUN');
    expect(dockerfile.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(last);
  });

  it('starts a file of the build, by no shell, so that signals arrive', () => {
    const command = JSON.parse(of('CMD', final)[0] ?? '[]') as string[];
    expect(command[0]).toBe('node');
    const source = (command.at(-1) ?? '').replace(/^dist\//, '').replace(/\.js$/, '.ts');
    expect(existsSync(path.join(root, source)), source).toBe(true);
    expect(of('STOPSIGNAL', final)).toEqual(['SIGTERM']);
  });

  it('holds no secret', () => {
    const kept = [...of('ENV'), ...of('ARG'), ...of('LABEL')].join('\n');
    expect(kept).not.toMatch(/password|secret|token|_key/i);
  });

  it('carries the version of the package', () => {
    const { version } = JSON.parse(projectFile('package.json')) as { version: string };
    expect(of('LABEL', final).join()).toContain(`org.opencontainers.image.version="${version}"`);
  });
});

describe('the lockfile that the image is built by', () => {
  it('wants just what package.json wants, so that an install changes nothing', () => {
    const fields = ['dependencies', 'devDependencies'] as const;
    type Wanted = Record<(typeof fields)[number], Record<string, string>>;
    const wanted = JSON.parse(projectFile('package.json')) as Wanted;
    const { packages } = JSON.parse(projectFile('package-lock.json')) as {
      packages: Record<string, Wanted & { version: string }>;
    };
    for (const field of fields) {
      expect(packages['']?.[field]).toEqual(wanted[field]);
      for (const [name, version] of Object.entries(wanted[field])) {
        expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
      }
    }
  });
});

function major(version: string): number {
  return Number(version.split('.')[0]);
}
