import type { TestProject } from 'vitest/node';
import { startHoldfast } from './holdfast.js';

declare module 'vitest' {
  export interface ProvidedContext {
    holdfastData: string;
  }
}

/** Starts the shared Holdfast before the first test under `test/running`, and stops it after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holdfast = await startHoldfast({
    HOLDFAST_OUTAGE_SECONDS: '5',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    // Slow enough that a person, or a test, can look at a backup under way.
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: '40000000',
  });
  project.provide('holdfastData', holdfast.data);
  return () => holdfast.stop();
}
