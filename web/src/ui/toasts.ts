import { shallowRef } from 'vue';

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

/** What is being said now; null while nothing is. A newer word takes the place of an older one. */
export const toast = shallowRef<Toast | null>(null);

const shownMs = 6_000;
let lastId = 0;
let going: ReturnType<typeof setTimeout> | undefined;

/** Says that something was done (or not); it goes by itself. */
export function say(text: string, { bad = false } = {}): void {
  clearTimeout(going);
  toast.value = { id: ++lastId, text, bad };
  going = setTimeout(dismiss, bad ? 2 * shownMs : shownMs);
}

export function dismiss(): void {
  toast.value = null;
}
