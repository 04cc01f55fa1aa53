import { resolve } from 'node:path';
import { createDemoProject, findDemoProject } from './demoApi.js';
import { DEMO_ENVIRONMENTS, DEMO_PROJECT_SLUG } from './demoEnvironments.js';
import type { CreateDemoOptions } from './demoOptions.js';
import { readDemoRecord, writeDemoRecord, type DemoRecord } from './demoRecord.js';
import { graphqlClient } from './graphqlClient.js';
import { offerDemoEnvironment } from './offerDemoEnvironment.js';

/**
 * Makes the demo project with its environments, databases and media, as far as it is not there yet.
 * Call it at every start: what is whole is left alone, what a cut-off left is made anew, what the person deleted stays
 * deleted, and what moved (port, folder) is told to Holdfast. A project of the same name that the demo did not make is
 * never touched.
 */
export async function createDemo(options: CreateDemoOptions): Promise<void> {
  const demoDir = resolve(options.demoDir);
  const send = graphqlClient(options.graphqlUrl, options.token);
  const record = await readDemoRecord(demoDir);
  const found = await findDemoProject(send);
  if (found !== null && !isOurs(record, found.id)) {
    options.log(`demo: the project ${DEMO_PROJECT_SLUG} exists and is not the demo's: left as it is`);
    return;
  }

  // A record without its project is of a catalogue that is gone: all is told again, whole databases and media stay.
  const current: DemoRecord =
    found !== null && record !== null ? record : { projectId: null, environments: {} };
  await writeDemoRecord(demoDir, current);
  const project = found ?? (await createDemoProject(send));
  if (found === null) options.log(`demo: project ${DEMO_PROJECT_SLUG} created`);
  current.projectId = project.id;
  await writeDemoRecord(demoDir, current);

  for (const environment of DEMO_ENVIRONMENTS) {
    await offerDemoEnvironment({ ...options, demoDir, send, record: current, project }, environment);
  }
}

function isOurs(record: DemoRecord | null, projectId: string): boolean {
  return record !== null && (record.projectId === null || record.projectId === projectId);
}
