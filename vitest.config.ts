import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

/** Every suite resolves the rooms' doors to their sources. */
const common = {
  resolve: {
    conditions: ['source'],
    // Vite would load graphql's .mjs copy for our sources and Node its .js copy for packages: two realms.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  ssr: { resolve: { conditions: ['source'] } },
};

export default defineConfig({
  ...common,
  test: {
    projects: [
      {
        ...common,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          setupFiles: ['test/setup.ts'],
        },
      },
      {
        ...common,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        ...common,
        test: {
          name: 'running',
          include: ['test/running/**/*.test.ts'],
          exclude: ['test/running/alone/**'],
          setupFiles: ['test/setup.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        ...common,
        test: {
          name: 'alone',
          include: ['test/running/alone/**/*.test.ts'],
          setupFiles: ['test/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
