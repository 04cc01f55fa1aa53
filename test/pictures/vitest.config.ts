import { defineConfig } from 'vitest/config';

/**
 * Takes the pictures in docs/support.md anew, of Temporal’s real pages:
 * `npx vitest run -c test/pictures/vitest.config.ts`.
 */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['test/pictures/support.ts'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
