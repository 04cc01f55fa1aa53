import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { dumpDatabase } from '../../../workflows/engines/postgres/dump.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { expectNothingLeft, order, pidOf, slowDump, useDumpBench } from './dumpBench.js';
import { processesLike } from './postgresServer.js';
import { mountSmallDisk } from './smallDisk.js';

const bench = useDumpBench();

describe('a dump that is disturbed leaves nothing', () => {
  test('when its session is ended', async () => {
    const { slow, dumping } = slowDump(bench);
    await pidOf('pg_dump');
    await sleep(1_000);
    await bench.server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${slow.applicationName}'`,
    );
    await expect(dumping).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expectNothingLeft(bench, slow);
  });

  test.each(['pg_dump', 'pg_restore'])('when %s is killed', async (program) => {
    const { slow, dumping } = slowDump(bench);
    const pid = await pidOf(program);
    await sleep(1_000);
    process.kill(pid, 'SIGKILL');
    await expect(dumping).rejects.toMatchObject({
      code: program === 'pg_dump' ? 'INTERNAL' : 'DATABASE_DUMP_FAILED',
    });
    await expectNothingLeft(bench, slow);
  });

  test('when it is cancelled, at any moment', async () => {
    for (const afterMs of [0, 30, 100, 300, 1_500]) {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const { slow, dumping } = slowDump(bench, { signal: controller.signal });
      await sleep(afterMs);
      controller.abort(reason);
      await expect(dumping).rejects.toBe(reason);
      await expectNothingLeft(bench, slow);
    }
  });

  test('when it waits for a lock and is cancelled', async () => {
    const holder = await bench.server.connect('wide');
    await holder.query('begin; lock table big in access exclusive mode');
    const controller = new AbortController();
    const { slow, dumping } = slowDump(bench, { signal: controller.signal });
    await pidOf('pg_dump');
    await sleep(700);
    controller.abort(new Error('cancelled'));
    await expect(dumping).rejects.toThrow('cancelled');
    await expectNothingLeft(bench, slow);
    await holder.end();
  });

  test('when pg_dump hangs', async () => {
    const { slow, dumping } = slowDump(bench, { stallMs: 1_000 });
    process.kill(await pidOf('pg_dump'), 'SIGSTOP');
    await expect(dumping).rejects.toMatchObject({ code: 'STALLED' });
    await expectNothingLeft(bench, slow);
  });

  test('when storage is full', async () => {
    const disk = mountSmallDisk(2);
    const full = disk
      ? openStorage({ directory: disk.path })
      : openStorage({ directory: join(bench.directory, 'absent') });
    try {
      const failing = order(bench, 'wide', { storage: full });
      await expect(dumpDatabase(failing)).rejects.toMatchObject({
        code: disk ? 'STORAGE_FULL' : 'STORAGE_UNREACHABLE',
      });
      expect(await processesLike(/pg_(dump|restore) --format/)).toEqual([]);
      if (disk) await expectNothingLeft(bench, failing);
    } finally {
      disk?.release();
    }
  });
});
