import { computed, shallowRef, watch } from 'vue';

/** What one page tells of itself: how many rows it has, and the cursor where the next one begins. */
export interface KnownPage {
  count: number;
  next: string | null;
}

/**
 * A list, a page after the other. Each page begins where the one before it ends, so that rows which arrive meanwhile
 * neither repeat nor hide others. It starts anew whenever `wish` changes.
 */
export function usePages(wish: () => unknown) {
  const wanted = shallowRef(1);
  const known = shallowRef<readonly (KnownPage | undefined)[]>([]);

  const pages = computed(() => {
    const afters: (string | null)[] = [null];
    while (afters.length < wanted.value) {
      const next = known.value[afters.length - 1]?.next;
      if (!next) break;
      afters.push(next);
    }
    return afters;
  });
  const next = computed(() => known.value[pages.value.length - 1]?.next ?? null);
  const loading = computed(() => known.value[pages.value.length - 1] === undefined);
  const empty = computed(() => known.value[0]?.count === 0);

  watch(wish, () => {
    wanted.value = 1;
    known.value = [];
  });

  function onKnown(index: number, page: KnownPage): void {
    const copy = [...known.value];
    copy[index] = page;
    known.value = copy;
  }

  function showMore(): void {
    wanted.value = pages.value.length + 1;
  }

  return { pages, next, loading, empty, onKnown, showMore };
}
