import { shallowRef, type Directive } from 'vue';

/** The words on show beside one element; null while there are none. */
export const tip = shallowRef<{ text: string; over: DOMRect } | null>(null);

const texts = new WeakMap<Element, string | undefined>();
const leaveMs = 120;
let leaving: ReturnType<typeof setTimeout> | undefined;

/** Keeps the words while the pointer is on them. */
export function holdTip(): void {
  clearTimeout(leaving);
}

export function dropTip(): void {
  clearTimeout(leaving);
  leaving = setTimeout(() => (tip.value = null), leaveMs);
}

function show(event: Event): void {
  const element = event.currentTarget as Element;
  const text = texts.get(element);
  clearTimeout(leaving);
  tip.value = text ? { text, over: element.getBoundingClientRect() } : null;
}

function onKey(event: Event): void {
  if ((event as KeyboardEvent).key === 'Escape') tip.value = null;
}

/**
 * Shows words beside an element while it has the pointer or the focus. They are for the eye only: say the same
 * to assistive technology with `aria-describedby` or `aria-label`.
 */
export const vTip: Directive<HTMLElement, string | undefined> = {
  mounted(element, { value }) {
    texts.set(element, value);
    for (const name of ['mouseenter', 'focus', 'click']) element.addEventListener(name, show);
    for (const name of ['mouseleave', 'blur']) element.addEventListener(name, dropTip);
    element.addEventListener('keydown', onKey);
  },
  updated(element, { value }) {
    texts.set(element, value);
  },
  beforeUnmount(element) {
    if (texts.get(element)) tip.value = null;
  },
};
