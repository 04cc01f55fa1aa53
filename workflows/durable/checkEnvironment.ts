import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { plainInMarkdown, type CheckEnvironmentOrder, type CheckEnvironmentOutcome } from '#schema/domain';
import type { EnvironmentChecks } from './ports.js';

const { inspectEnvironment } = proxyActivities<EnvironmentChecks>({
  startToCloseTimeout: '25 s',
  retry: { maximumAttempts: 1 },
});

/** Looks whether an environment’s database and media can be reached and read; nothing is changed. */
export async function checkEnvironment(order: CheckEnvironmentOrder): Promise<CheckEnvironmentOutcome> {
  const outcome = await inspectEnvironment(order);
  setCurrentDetails(
    outcome.ok
      ? 'All can be reached and read.'
      : outcome.findings.map(({ message }) => plainInMarkdown(message)).join('\n\n'),
  );
  return outcome;
}
