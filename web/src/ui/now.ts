import { shallowRef } from 'vue';

/** The clock of the page in milliseconds, moving every few seconds: words such as “2 minutes ago” follow it. */
export const now = shallowRef(Date.now());

const tickMs = 5_000;

function tick(): void {
  now.value = Date.now();
}

setInterval(() => {
  if (document.visibilityState === 'visible') tick();
}, tickMs);
document.addEventListener('visibilitychange', tick);
