import type { CombinedError } from '@urql/core';
import { useMutation, type AnyVariables, type DocumentInput } from '@urql/vue';
import { computed, ref, shallowRef } from 'vue';
import { isOutOfReach, problemInWords } from './problems.js';

/** A refusal as the API gives it: a sentence, and the input at fault where there is one. */
export interface Refused {
  code: string;
  field: readonly string[] | null;
  message: string;
}

interface Payload {
  userErrors: readonly Refused[];
}

/**
 * Does a mutation and keeps what it was refused for. `run` answers with the payload, or with null where it was
 * refused or failed; then `refusals` or `fault` say why. `pick` takes the payload out of the data.
 */
export function useAct<Data, Variables extends AnyVariables, Result extends Payload>(
  document: DocumentInput<Data, Variables>,
  pick: (data: Data) => Result,
) {
  const mutation = useMutation(document);
  const busy = ref(false);
  const refusals = shallowRef<readonly Refused[]>([]);
  const fault = ref('');

  async function run(variables: Variables): Promise<Result | null> {
    if (busy.value) return null;
    busy.value = true;
    forget();
    try {
      const { data, error } = await mutation.executeMutation(variables);
      if (error || !data) {
        fault.value = faultInWords(error);
        return null;
      }
      const payload = pick(data);
      refusals.value = payload.userErrors;
      return payload.userErrors.length > 0 ? null : payload;
    } finally {
      busy.value = false;
    }
  }

  function faultInWords(error: CombinedError | undefined): string {
    if (!error) return 'Holdfast gave no answer. Try again.';
    const { title, remedy } = problemInWords(error);
    return `${title}. ${isOutOfReach(error) ? 'Try again once it is back.' : remedy}`;
  }

  function forget(): void {
    refusals.value = [];
    fault.value = '';
  }

  /** The sentence for one input, by the last name in its path. */
  function refusalOf(...fields: string[]): string {
    const mine = refusals.value.filter((each) => (each.field ?? []).some((name) => fields.includes(name)));
    return mine.map((each) => each.message).join(' ');
  }

  /** What belongs to none of the inputs on the screen. */
  function otherRefusals(...shown: string[]): string {
    const others = refusals.value.filter((each) => !(each.field ?? []).some((name) => shown.includes(name)));
    return [...others.map((each) => each.message), fault.value].filter(Boolean).join(' ');
  }

  const said = computed(() =>
    [...refusals.value.map((each) => each.message), fault.value].filter(Boolean).join(' '),
  );

  return { run, busy, refusals, fault, said, forget, refusalOf, otherRefusals };
}
