import { mkdtemp, mkdir, writeFile, readdir } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startPostgres } from './postgresServer.js';
import { dumpDatabase } from '../../../workflows/engines/postgres/dump.js';
import { findPostgresTools } from '../../../workflows/engines/postgres/tools.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { copyMedia } from '../../../workflows/engines/media/copyMedia.js';

test('smoke', async () => {
  const pg = await startPostgres();
  try {
    await pg.query(`create table t as select i, md5(i::text) x from generate_series(1,10000) i; create table "a.b\nCOPY c"(x text); insert into "a.b\nCOPY c" values (E'\\\\.'),('a\nb')`);
    const dir = await mkdtemp('/tmp/eng/s-');
    const storage = openStorage({ directory: dir });
    const tools = await findPostgresTools([]);
    console.log(tools.found);
    const dumped = await dumpDatabase({ address: pg.address(), tools, storage, key: 'v1/p/e/database.dump', applicationName: 'hf 1', signal: new AbortController().signal, onProgress: (p) => console.log(p) });
    console.log(dumped);
    await mkdir(dir + '-m/a/b', { recursive: true });
    await writeFile(dir + '-m/a/b/x.txt', 'hello');
    await writeFile(dir + '-m/a-b', 'hello');
    await writeFile(dir + '-m/big', Buffer.alloc(5_000_000, 1));
    const m = await copyMedia({ root: dir + '-m', storage, place: { projectId: 'p', environmentId: 'e' }, backupId: 'b', mark: 'r-1', onPack: async () => {}, signal: new AbortController().signal, onProgress: (p) => console.log(p) });
    console.log(m);
    for await (const o of storage.list('')) console.log(o);
    console.log(execFileSync('sh', ['-c', `zcat ${dir}/v1/p/e/backups/b/r-1/manifest.jsonl.gz; tar tvf ${dir}/v1/p/e/packs/*.tar; zcat ${dir}/v1/p/e/packs/*.gz`]).toString());
  } finally { await pg.stop(); }
});
