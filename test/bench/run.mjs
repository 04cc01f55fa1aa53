// Prints the comparisons of docs/benchmarks.md: `npm run bench`, or one by name: `npm run bench -- list`.
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from '../../server/local/install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
await ensureInstalled(root);
await ensureBuilt(root);
const { runnerImport } = await import('vite');
const { module } = await runnerImport(path.join(root, 'test/bench/main.ts'), {
  root,
  configFile: false,
  logLevel: 'error',
  resolve: {
    conditions: ['source'],
    // One realm for graphql, as in vitest.config.ts.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
  ssr: { resolve: { conditions: ['source'] } },
});
process.exit(await module.runBenches(process.argv.slice(2)));
