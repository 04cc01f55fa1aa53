import { readFile } from 'node:fs/promises';
import { inject } from 'vitest';
import { Api } from './api.js';
import type { Ready } from './holdfast.js';

/** The Holdfast that all tests under `test/running` share: with the demo project, as `npm start` makes it. */
export async function sharedHoldfast(): Promise<{ data: string; ready: Ready; api: Api }> {
  const data = inject('holdfastData');
  const ready = JSON.parse(await readFile(`${data}/ready.json`, 'utf8')) as Ready;
  return { data, ready, api: new Api(ready.graphql, ready.token) };
}
