import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Where the built workflow code lies, so that a worker starts without building it. */
const bundlePath = fileURLToPath(new URL('./durable.bundle.js', import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./durable/index.js', import.meta.url)),
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
});
await writeFile(bundlePath, code);
