import { defineConfig } from 'vitest/config';

/** Records the histories anew: see README.md. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/histories/record*.ts'],
    fileParallelism: false,
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
