/** The slug of the demo project. */
export const DEMO_PROJECT_SLUG = 'shop';
/** The name of the demo project. */
export const DEMO_PROJECT_NAME = 'Shop';

/** What the demo project's environments are; `share` is their size in parts of the full one. */
export const DEMO_ENVIRONMENTS = [
  {
    slug: 'live',
    name: 'Live',
    stage: 'LIVE',
    database: 'shop_live',
    share: 1,
    gitCommit: '5b0c9f1e2a7d46838e1f0a9b3c4d5e6f70819a2b',
    deployedAt: '2026-01-12T09:30:00.000Z',
  },
  {
    slug: 'test',
    name: 'Test',
    stage: 'TEST',
    database: 'shop_test',
    share: 0.1,
    gitCommit: 'c41d8e6b97f2053a1e4c7b8d90f36a25e17d4b60',
    deployedAt: '2026-01-14T15:05:00.000Z',
  },
] as const;

/** One environment of the demo project. Its role has the name of its database. */
export type DemoEnvironment = (typeof DEMO_ENVIRONMENTS)[number];
