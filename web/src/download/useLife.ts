import { useClientHandle } from '@urql/vue';
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { FragmentOf } from '../graph/graphql.js';
import { now } from '../ui/now.js';
import type { DownloadFields } from './fragments.js';
import { lifeOf, stillOffered } from './life.js';
import { DownloadQuery } from './queries.js';

/** Timers hold no more; a longer wait is taken in steps. */
const longestTimerMs = 2 ** 31 - 1;
/** The server’s clock may be a little behind this one. */
const marginMs = 1_500;

/**
 * How a download stands, and what may be done with it, while the page is open: its files end at the very moment that
 * was said, and what is open then is asked for.
 */
export function useLife(download: () => FragmentOf<typeof DownloadFields>) {
  const { client } = useClientHandle();
  const reachedMs = shallowRef(Date.now());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: ReturnType<typeof setTimeout> | undefined;

  const life = computed(() => lifeOf(download(), Math.max(now.value, reachedMs.value)));
  const offered = computed(() => stillOffered(download().offered, life.value));

  function wait(): void {
    clearTimeout(timer);
    const { expiresAt } = download();
    const leftMs = expiresAt ? Date.parse(expiresAt) - Date.now() : 0;
    if (leftMs <= 0) return void (reachedMs.value = Date.now());
    timer = setTimeout(wait, Math.min(leftMs, longestTimerMs));
  }

  watch(() => download().expiresAt, wait, { immediate: true });
  watch(life, (is, was) => {
    if (is !== 'EXPIRED' || was !== 'READY') return;
    const { id } = download();
    asking = setTimeout(
      () => void client.query(DownloadQuery, { id }, { requestPolicy: 'network-only' }).toPromise(),
      marginMs,
    );
  });
  onScopeDispose(() => {
    clearTimeout(timer);
    clearTimeout(asking);
  });

  return { life, offered };
}
