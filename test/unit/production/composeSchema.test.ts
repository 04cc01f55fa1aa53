import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { composeText, readCompose } from '../../support/compose.js';

/**
 * The Compose specification’s own schema (compose-spec, Apache-2.0), as the linter dclint brings it: so that it is
 * neither copied into this repository nor downloaded by a test.
 */
function readSchema(): object {
  const linter = path.dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const { $schema: _draft, ...schema } = JSON.parse(
    readFileSync(path.join(linter, 'schemas/compose.schema.json'), 'utf8'),
  ) as Record<string, unknown>;
  return schema;
}

let isCompose: ValidateFunction;
beforeAll(() => {
  isCompose = new Ajv({ strict: false, allErrors: true }).compile(readSchema());
});

/** What the specification says against a file. */
function complaints(file: unknown): string[] {
  return isCompose(file)
    ? []
    : (isCompose.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('docker-compose.yml', () => {
  it('is YAML without a doubt', () => {
    const document = parseDocument(composeText(), { merge: true, uniqueKeys: true });
    expect([...document.errors, ...document.warnings]).toEqual([]);
  });

  it('is what the Compose specification calls a Compose file', () => {
    expect(complaints(readCompose())).toEqual([]);
  });

  it('would be refused with a misspelt word, or a value of another kind', () => {
    const file = readCompose();
    expect(complaints({ ...file, services: { api: { ...file.services['api'], comand: ['node'] } } })).toEqual(
      ['/services/api must NOT have additional properties'],
    );
    expect(
      complaints({ ...file, services: { api: { healthcheck: { test: [{ CMD: 'node' }] } } } }),
    ).not.toEqual([]);
  });
});
