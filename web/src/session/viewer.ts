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

/** Who is signed in: `viewer` is undefined while unknown, null where nobody is. */
export function useViewer(pause: () => boolean = () => false) {
  const { data, error } = useQuery({ query: ViewerQuery, pause, variables: {} });
  const viewer = computed(() => data.value?.viewer);
  return { viewer, error };
}
