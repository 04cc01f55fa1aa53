import { pageSize } from '#schema/domain';
import { useClientHandle } from '@urql/vue';
import { shallowRef } from 'vue';
import { EnvironmentFields } from '../environment/fragments.js';
import { graphql, type ResultOf } from '../graph/graphql.js';
import { problemInWords, type Problem } from '../graph/problems.js';

const DestinationsQuery = graphql(
  `
    query RestoreDestinations($first: Int!, $after: String) {
      projects(first: $first, after: $after) {
        nodes {
          id
          slug
          name
          viewerRole
          environments {
            id
            ...EnvironmentFields
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [EnvironmentFields],
);

/** A project whose environments may be overwritten by whoever looks. */
type DestinationProject = ResultOf<typeof DestinationsQuery>['projects']['nodes'][number];

/** Asks for the projects in which one is an administrator. `projects` is undefined until all are known. */
export function useDestinations() {
  const { client } = useClientHandle();
  const projects = shallowRef<readonly DestinationProject[] | undefined>();
  const problem = shallowRef<Problem | null>(null);

  async function load(): Promise<void> {
    problem.value = null;
    const found: DestinationProject[] = [];
    let after: string | null = null;
    do {
      const { data, error }: Awaited<ReturnType<typeof page>> = await page(after);
      if (error || !data) {
        problem.value = error
          ? problemInWords(error)
          : { title: 'Holdfast gave no answer', remedy: 'Try again.', code: 'NO_ANSWER' };
        return;
      }
      found.push(...data.projects.nodes);
      const { hasNextPage, endCursor }: { hasNextPage: boolean; endCursor: string | null } =
        data.projects.pageInfo;
      after = hasNextPage ? endCursor : null;
    } while (after !== null);
    projects.value = found.filter((each) => each.viewerRole === 'ADMIN');
  }

  function page(after: string | null) {
    const variables = { first: pageSize.largest, after };
    return client.query(DestinationsQuery, variables, { requestPolicy: 'network-only' }).toPromise();
  }

  void load();
  return { projects, problem, load };
}
