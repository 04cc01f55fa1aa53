import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromJson } from '../histories/historyFile.js';

const histories = fileURLToPath(new URL('../histories/', import.meta.url));
const names = (await readdir(histories)).filter((name) => name.endsWith('.json')).sort();

let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/durable/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
    // As everywhere in tests: the rooms' doors lead to their sources.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, conditionNames: ['source', '...'] },
    }),
  });
});

async function read(name: string) {
  return fromJson(await readFile(path.join(histories, name), 'utf8'));
}

async function replay(history: ReturnType<typeof fromJson>): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle }, history, 'job/recorded');
}

test('there is a history of each kind of end', () => {
  const ends: Record<string, string[]> = {
    '': ['canceled', 'failure', 'outage', 'reset', 'success'],
    'restore-': [
      'canceled',
      'canceled-reset',
      'failure',
      'media',
      'outage',
      'reset',
      'success',
      'survey',
      'undo',
    ],
    'download-': ['canceled', 'canceled-reset', 'failure', 'reset', 'success'],
    'mail-': ['failure', 'outage', 'reset', 'success'],
  };
  const expected = Object.entries(ends).flatMap(([of, all]) => all.map((end) => `${of}${end}.json`));
  expect(names).toEqual(expected.sort());
});

describe.each(names)('%s', (name) => {
  test('is replayed by today’s workflow code', async () => {
    await replay(await read(name));
  });

  test('holds no secret and nothing of the machine that recorded it', async () => {
    const text = await readFile(path.join(histories, name), 'utf8');
    const payloads = [...text.matchAll(/"data": "([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString(),
    );
    const all = [text, ...payloads].join('\n');
    expect(all).not.toMatch(/postgres(?:ql)?:\/\//);
    expect(all).not.toMatch(/of-recording/);
    expect(all).not.toMatch(/\d+@|"stackTrace": "."|node_modules|\/(?:home|root|Users|work)\//);
    expect(all).not.toContain(os.hostname());
  });
});

test.each([
  ['success.json', 'dumpDatabase', 'copyMedia'],
  ['restore-success.json', 'stageDatabase', 'switchOver'],
  ['download-success.json', 'locateDump', 'archiveMedia'],
  ['mail-success.json', 'sendDownloadMail', 'recordDownload'],
])('a history that today’s code would not make fails: %s with %s as %s', async (name, was, is) => {
  const history = await read(name);
  const types = (history.events ?? []).map(
    (event) => event.activityTaskScheduledEventAttributes?.activityType,
  );
  const found = types.find((type) => type?.name === was);
  if (!found) throw new Error(`It has no ${was}`);
  found.name = is;
  await expect(replay(history)).rejects.toThrow(/nondeterminism|non-deterministic|does not match/i);
});
