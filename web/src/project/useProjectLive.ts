import { useClientHandle, useSubscription } from '@urql/vue';
import { onScopeDispose, watch } from 'vue';
import { socketState } from '../graph/socket.js';
import { refetchWatched } from '../graph/watched.js';
import { ProjectChanged } from './queries.js';

/** The server needs a moment to begin to listen: what happened until then is fetched. */
const settleMs = 300;

/**
 * Keeps everything shown of a project up to date by one subscription. Whenever it begins, also after a broken
 * connection, what is on the screen is fetched once: events of the gap are lost. `projectId` is undefined until known.
 */
export function useProjectLive(projectId: () => string | undefined): void {
  const { client } = useClientHandle();
  let timer: ReturnType<typeof setTimeout> | undefined;

  useSubscription({
    query: ProjectChanged,
    variables: () => ({ projectId: projectId() ?? '' }),
    pause: () => projectId() === undefined,
  });

  watch(
    () => (socketState.value === 'open' ? projectId() : undefined),
    (listeningTo) => {
      clearTimeout(timer);
      if (listeningTo) timer = setTimeout(() => refetchWatched(client), settleMs);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
}
