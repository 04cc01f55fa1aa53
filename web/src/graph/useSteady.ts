import { computed, type ComputedRef } from 'vue';

/** A plain value that is the same object until what it says changes: lists start anew only then. */
export function useSteady<Value>(value: () => Value | undefined): ComputedRef<Value | undefined> {
  const text = computed(() => JSON.stringify(value() ?? null));
  return computed(() => (JSON.parse(text.value) as Value | null) ?? undefined);
}
