import type { CombinedError } from '@urql/core';
import { computed, shallowRef, watch, type Ref } from 'vue';
import { problemInWords } from './problems.js';

/**
 * Keeps the last good answer of a query on the screen: a fetch that fails later takes nothing away. An answer that
 * came with a fault is no good one: what is null in it may well be there. `problem` is set only while there is nothing
 * to show; `askedFor` tells when another thing is asked for, and the answer is dropped.
 */
export function useKept<Data>(
  query: { data: Ref<Data | undefined>; error: Ref<CombinedError | undefined> },
  askedFor: () => unknown = () => null,
) {
  const kept = shallowRef<Data | undefined>();
  watch(askedFor, () => (kept.value = undefined));
  watch(
    [query.data, query.error],
    ([data, error]) => {
      if (data && !error) kept.value = data;
    },
    { immediate: true },
  );
  const problem = computed(() =>
    query.error.value && !kept.value ? problemInWords(query.error.value) : null,
  );
  return { data: kept, problem };
}
