import { ref, watch, type Ref } from 'vue';

const firstMs = 2_000;
const gapMs = 5_000;
const weight = 0.12;
const reluctance = 1.3;

/**
 * The time left in calm words. The rate swings, most of all where one step ends and the next begins: the expected end
 * moves slowly, words are coarse, and they only grow again when much more time is needed. Empty while it cannot be told.
 */
export function useTimeLeft(progress: () => { secondsLeft: number | null; sequence: number }): Ref<string> {
  const words = ref('');
  let endMs: number | null = null;
  let knownMs = 0;
  let firstSeenMs = 0;
  let shown = Number.POSITIVE_INFINITY;

  watch(
    progress,
    ({ secondsLeft }) => {
      const nowMs = Date.now();
      if (secondsLeft === null) {
        if (nowMs - knownMs > gapMs) forget();
        return;
      }
      if (endMs === null) firstSeenMs = nowMs;
      const expectedMs = nowMs + secondsLeft * 1_000;
      endMs = endMs === null ? expectedMs : endMs + weight * (expectedMs - endMs);
      knownMs = nowMs;
      if (nowMs - firstSeenMs < firstMs) return;
      const step = coarse(Math.max(0, (endMs - nowMs) / 1_000));
      if (step < shown || step > shown * reluctance) {
        shown = step;
        words.value = inWords(step);
      }
    },
    { immediate: true },
  );

  function forget(): void {
    endMs = null;
    shown = Number.POSITIVE_INFINITY;
    words.value = '';
  }

  return words;
}

const minute = 60;
const hour = 3_600;

/** Seconds, up to the next step that is worth telling apart. */
function coarse(seconds: number): number {
  if (seconds <= 10) return 10;
  if (seconds <= 30) return 30;
  if (seconds <= hour) return Math.ceil(seconds / minute) * minute;
  return Math.ceil(seconds / (10 * minute)) * 10 * minute;
}

function inWords(seconds: number): string {
  if (seconds <= 10) return 'a few seconds left';
  if (seconds <= 30) return 'less than half a minute left';
  if (seconds <= minute) return 'less than a minute left';
  if (seconds < hour) return `about ${seconds / minute} min left`;
  const minutes = Math.round((seconds % hour) / minute);
  return `about ${Math.floor(seconds / hour)} h${minutes > 0 ? ` ${minutes} min` : ''} left`;
}
