import { shallowRef } from 'vue';

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

export const toasts = shallowRef<readonly Toast[]>([]);

const shownMs = 6_000;
let lastId = 0;

/** Says that something was done (or not); it goes by itself. */
export function say(text: string, { bad = false } = {}): void {
  const toast = { id: ++lastId, text, bad };
  toasts.value = [...toasts.value.slice(-2), toast];
  setTimeout(() => dismiss(toast.id), bad ? 2 * shownMs : shownMs);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}
