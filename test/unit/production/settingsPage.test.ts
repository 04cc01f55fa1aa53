import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { secretFiles } from '#schema/config';
import { composeText } from '../../support/compose.js';
import { projectFile } from '../../support/native.js';

const config = 'schema/config';
const modules = [
  ...readdirSync(fileURLToPath(new URL(`../../../${config}`, import.meta.url))).map(
    (name) => `${config}/${name}`,
  ),
  'server/settings.ts',
  'server/setup/settings.ts',
  'server/local/settings.ts',
  'workflows/settings.ts',
];
/** Every setting that a module declares, as a key of its own. */
const settings = modules.flatMap((module) =>
  [...projectFile(module).matchAll(/^ +([A-Z][A-Z0-9_]+): (?!')/gm)].map(([, name = '']) => name),
);
/** Every variable that a person may set beside the compose file. */
const variables = [...composeText().matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name);

const page = projectFile('docs/operations.md');
/** Every variable that has a row in a table of the page. */
const rows = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, name = '']) => name);

describe('docs/operations.md', () => {
  it('has a row for each setting of every process, and each variable of the compose file', () => {
    expect(settings).toContain('DATABASE_URL');
    expect(settings).toContain('HEALTH_PORT');
    const wanted = new Set([...settings, ...variables]);
    expect([...wanted].filter((name) => !rows.includes(name)).sort()).toEqual([]);
  });

  it('has no row for what there is not, and no two for one', () => {
    const known = new Set([...settings, ...variables]);
    expect(rows.filter((name) => !known.has(name))).toEqual([]);
    expect(rows.filter((name, index) => rows.indexOf(name) !== index)).toEqual([]);
  });

  it('names each secret that may stand in a file', () => {
    expect(secretFiles.filter((name) => !page.includes(`\`${name}_FILE\``))).toEqual([]);
  });

  it('names each secret’s file of the compose file', () => {
    const secrets = [...composeText().matchAll(/\}\/([\w-]+)'/g)].map(([, name = '']) => name);
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((name) => !page.includes(name))).toEqual([]);
  });

  it('says plainly that the compose file was not run', () => {
    expect(page).toContain('**Both have been checked, but not run under Docker**');
  });
});
