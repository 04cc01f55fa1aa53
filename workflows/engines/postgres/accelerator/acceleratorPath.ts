import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Beside what was built, whoever asks.
const built = dirname(createRequire(import.meta.url).resolve('#workflows/engineThread'));

/** Where the build puts the accelerator, if it can be built. */
export const acceleratorPath = join(built, '../postgres/accelerator/accelerator.so');
