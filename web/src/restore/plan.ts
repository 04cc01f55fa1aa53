import type { Content } from '#schema/domain';
import { graphql, type ResultOf } from '../graph/graphql.js';

/** What a restore would do; nothing is touched. */
export const RestorePlanQuery = graphql(`
  query RestorePlan($sourceId: ID!, $destinationId: ID!, $contents: [Content!]!) {
    restorePlan(sourceId: $sourceId, destinationId: $destinationId, contents: $contents) {
      warnings {
        code
        message
      }
      blockers {
        code
        message
      }
      confirmation
      destinationGitCommit
      backupGitCommit
      estimatedSeconds
    }
  }
`);

export type Plan = NonNullable<ResultOf<typeof RestorePlanQuery>['restorePlan']>;

/** Warnings that are called out, each by its own heading. */
const loud: Record<string, string> = {
  TEST_OVER_LIVE: 'Test data over Live',
  OTHER_PROJECT: 'From another project',
  LIVE_INTO_TEST: 'Live data into Test',
};

/** Warnings that the plan shows in its own way: the heading says the one, the commits beside each other the other. */
const shownOtherwise = ['OVERWRITES', 'OTHER_COMMIT'];

/** The warnings of a plan: those that are called out, and the rest. */
export function warningsOf(plan: Plan) {
  const listed = plan.warnings.filter(({ code }) => !shownOtherwise.includes(code));
  return {
    calledOut: listed.flatMap(({ code, message }) => {
      const title = loud[code];
      return title ? [{ title, message }] : [];
    }),
    others: listed.filter(({ code }) => !loud[code]),
  };
}

/** What is replaced, as it stands in a sentence, e.g. `database and media`. */
export function replacedInWords(contents: readonly Content[]): string {
  return contents.map((each) => (each === 'DATABASE' ? 'database' : 'media')).join(' and ');
}
