import type { Client } from '@urql/core';
import { useQuery } from '@urql/vue';
import { computed } from 'vue';
import { graphql } from '../graph/graphql.js';
import { useKept } from '../graph/useKept.js';

const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      id
      name
      email
      isSupport
    }
  }
`);

/** Asks who is signed in while the page's code is still on its way. */
export function askForViewer(client: Client): void {
  void client.query(ViewerQuery, {}).toPromise();
}

/** Who is signed in: `viewer` is undefined while unknown (a fault tells nothing), null where nobody is. */
export function useViewer(pause: () => boolean = () => false) {
  const query = useQuery({ query: ViewerQuery, pause, variables: {} });
  const { data, problem } = useKept(query);
  const viewer = computed(() => data.value?.viewer);
  return { viewer, problem, query };
}
