import { projectEventKinds } from '#schema/domain';
import { useClientHandle, useSubscription } from '@urql/vue';
import { computed, onScopeDispose, ref, watch } from 'vue';
import { socketState } from '../graph/socket.js';
import { refetchWatched } from '../graph/watched.js';
import { ProjectChanged } from './queries.js';

/** The server needs a moment to begin to listen: what happened until then is fetched. */
const settleMs = 300;
const longestWaitMs = 30_000;
const kinds = [...projectEventKinds];

/**
 * Keeps everything shown of a project up to date by one subscription. Whenever it begins, also after a broken
 * connection, what is on the screen is fetched once: events of the gap are lost. The same where members or roles
 * change, because nearly everything hangs on them, and where the subscription ends, because one may see the project
 * no more; where one still may, it begins anew. `projectId` is undefined until known.
 */
export function useProjectLive(projectId: () => string | undefined): void {
  const { client } = useClientHandle();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = settleMs;
  const resting = ref(false);

  // The same object until the project is another one: otherwise every fetch would interrupt the subscription.
  const id = computed(projectId);
  const variables = computed(() => ({ projectId: id.value ?? '', kinds }));

  const { data, error, fetching } = useSubscription({
    query: ProjectChanged,
    variables,
    pause: () => id.value === undefined || resting.value,
  });

  function catchUp(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      resting.value = false;
      refetchWatched(client);
    }, waitMs);
  }

  watch(
    () => (socketState.value === 'open' ? id.value : undefined),
    (listeningTo) => {
      if (listeningTo) catchUp();
    },
    { immediate: true },
  );
  watch(data, (event) => {
    waitMs = settleMs;
    if (event?.projectChanged.kind === 'MEMBERS_CHANGED') catchUp();
  });
  watch([error, fetching], ([problem, listening], [, before]) => {
    if (resting.value || !id.value || !(problem || (before && !listening))) return;
    resting.value = true;
    catchUp();
    waitMs = Math.min(longestWaitMs, waitMs * 4);
  });
  onScopeDispose(() => clearTimeout(timer));
}
