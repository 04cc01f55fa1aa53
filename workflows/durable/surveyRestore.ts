import { proxyActivities } from '@temporalio/workflow';
import type { RestoreSurvey, SurveyRestoreOrder } from '#schema/domain';
import type { EnvironmentChecks } from './ports.js';

const { surveyDestination } = proxyActivities<EnvironmentChecks>({
  startToCloseTimeout: '18 s',
  retry: { maximumAttempts: 1 },
});

/** Looks what a restore would meet at its destination; nothing is changed. */
export async function surveyRestore(order: SurveyRestoreOrder): Promise<RestoreSurvey> {
  return surveyDestination(order);
}
