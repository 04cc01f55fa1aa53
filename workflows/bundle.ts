import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Where the built workflow code lies, so that a worker starts without building it. */
const bundlePath = fileURLToPath(new URL('./durable.bundle.js', import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./durable/index.js', import.meta.url)),
  logger: new DefaultLogger('WARN'),
});
await writeFile(bundlePath, code);
