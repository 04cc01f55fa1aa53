import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import type { DumpOrder } from '../../../workflows/engines/postgres/dump.js';
import { dumpDatabase } from '../../../workflows/engines/postgres/dump.js';
import { dumpInThread } from '../../../workflows/engines/postgres/dumpInThread.js';
import { StepProblem } from '../../../workflows/engines/stepProblem.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { expectNothingLeft, order, pidOf, tableList, useDumpBench } from './dumpBench.js';

const bench = useDumpBench();
const patient = (of: ReturnType<typeof order>): typeof of & { stallMs: number } => ({
  ...of,
  stallMs: 60_000,
});

describe('a dump in a thread', () => {
  test('is the same, with its progress and with what storage was told', async () => {
    const told: number[] = [];
    const options: unknown[] = [];
    const own = order(bench, 'odd', { readBack: true, onProgress: ({ doneBytes }) => told.push(doneBytes) });
    const { storage } = own;
    const watched = {
      ...own,
      storage: Object.assign(Object.create(storage) as typeof storage, {
        write: (...[key, source, how]: Parameters<typeof storage.write>) => {
          options.push({ key, expected: (how.expectedBytes ?? 0) > 0, readBack: how.readBack });
          return storage.write(key, source, how);
        },
      }),
    };
    const dumped = await dumpInThread(patient(watched));
    const there = await tableList(bench);
    expect(options[0]).toEqual({ key: own.keys.dump, expected: true, readBack: true });
    expect(told.at(-1)).toBeGreaterThan(0);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(dumped.takenAt).toBeInstanceOf(Date);
    const here = await dumpDatabase(order(bench, 'odd'));
    expect(await tableList(bench)).toEqual(there);
    expect(here).toMatchObject({ tables: dumped.tables, compression: dumped.compression, tool: dumped.tool });
  });

  test('fails with the code and the remedy of what went wrong', async () => {
    const wrong = order(bench, 'odd', { address: { ...bench.server.address('absent') } });
    const problem: unknown = await dumpInThread(patient(wrong)).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(StepProblem);
    expect(problem).toMatchObject({
      code: 'DATABASE_AUTHENTICATION',
      remedy: expect.stringContaining('name'),
    });
  });

  test('fails as storage does, and leaves nothing', async () => {
    const own = order(bench, 'wide');
    const full = Object.assign(Object.create(own.storage) as typeof own.storage, {
      write: (async (key, source, how) => {
        for await (const _ of source) break;
        source.destroy();
        throw new StepProblem('STORAGE_FULL', `No room for ${key} after ${how.expectedBytes}`);
      }) satisfies DumpOrder['storage']['write'],
    });
    await expect(dumpInThread(patient({ ...own, storage: full }))).rejects.toMatchObject({
      code: 'STORAGE_FULL',
      message: expect.stringContaining(own.keys.dump),
    });
    await expectNothingLeft(bench, own);
  });

  test('does not wait for a storage that hangs', async () => {
    const own = order(bench, 'odd');
    const hanging = Object.assign(Object.create(own.storage) as typeof own.storage, {
      write: () => new Promise<never>(() => undefined),
    });
    const dumping = dumpInThread({ ...own, storage: hanging, stallMs: 1_000 });
    await expect(dumping).rejects.toMatchObject({ code: 'STALLED' });
    await expectNothingLeft(bench, own);
  });

  test('goes on by a thread that has worked before, and tells whoever asked', async () => {
    for (const word of ['first', 'second']) {
      const asker = new AsyncLocalStorage<string>();
      const heard = new Set<string | undefined>();
      const onProgress = () => heard.add(asker.getStore());
      await asker.run(word, () => dumpInThread(patient(order(bench, 'odd', { onProgress }))));
      expect([...heard]).toEqual([word]);
    }
  });

  test('ends with the reason of an abort, at any moment, and leaves nothing', async () => {
    const storage = openStorage({ directory: bench.directory, maxBytesPerSecond: 1_500_000 });
    for (const begun of [false, true]) {
      const controller = new AbortController();
      const own = order(bench, 'wide', { storage, signal: controller.signal });
      const dumping = dumpInThread(patient(own));
      dumping.catch(() => undefined);
      if (begun) await pidOf('pg_dump');
      const reason = new Error('cancelled');
      controller.abort(reason);
      await expect(dumping).rejects.toBe(reason);
      await expectNothingLeft(bench, own);
    }
  });
});
