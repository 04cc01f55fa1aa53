import type { CombinedError } from '@urql/core';
import { computed, shallowRef, watch, type Ref } from 'vue';
import { problemInWords } from './problems.js';

/**
 * Keeps the last good answer of a query on the screen: a fetch that fails later takes nothing away. `problem` is
 * set only while there is nothing to show; `forget` drops the answer when another thing is asked for.
 */
export function useKept<Data>(
  query: { data: Ref<Data | undefined>; error: Ref<CombinedError | undefined> },
  askedFor: () => unknown = () => null,
) {
  const kept = shallowRef<Data | undefined>();
  watch(askedFor, () => (kept.value = undefined));
  watch(
    query.data,
    (data) => {
      if (data) kept.value = data;
    },
    { immediate: true },
  );
  const problem = computed(() =>
    query.error.value && !kept.value ? problemInWords(query.error.value) : null,
  );
  return { data: kept, problem };
}
