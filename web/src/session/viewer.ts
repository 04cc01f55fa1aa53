import type { Client } from '@urql/core';
import { useQuery } from '@urql/vue';
import { computed } from 'vue';
import { graphql } from '../graph/graphql.js';

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

/** Who is signed in: `viewer` is undefined while unknown, null where nobody is. */
export function useViewer(pause: () => boolean = () => false) {
  const query = useQuery({ query: ViewerQuery, pause, variables: {} });
  const viewer = computed(() => query.data.value?.viewer);
  return { viewer, query };
}
