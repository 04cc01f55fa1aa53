import { shallowRef, watch } from 'vue';
import { socketState } from './socket.js';

/** `offline`: no network here. `away`: Holdfast does not answer. `quiet`: it answers, but nothing comes live. */
export type Reach = 'well' | 'offline' | 'away' | 'quiet';

/** How Holdfast can be reached; while it is not `well`, what is shown may be old. */
export const reach = shallowRef<Reach>('well');

/** When Holdfast was last heard of, in milliseconds. */
export const lastHeard = shallowRef(Date.now());

const patienceMs = 1_500;
const quietPatienceMs = 5_000;
const probeMs = 3_000;
const gatewayFaults = [502, 503, 504];

let probing: ReturnType<typeof setTimeout> | undefined;
let losing: ReturnType<typeof setTimeout> | undefined;
const returns = new Set<() => void>();

/** Calls back whenever Holdfast can be reached again after it could not. */
export function onReturn(back: () => void): void {
  returns.add(back);
}

/** Something came from Holdfast. */
export function heard(): void {
  lastHeard.value = Date.now();
}

/** A request got no answer: from now on Holdfast is asked until it answers. */
export function missed(): void {
  if (reach.value === 'away' || reach.value === 'offline') return;
  reach.value = navigator.onLine ? 'away' : 'offline';
  clearTimeout(probing);
  probing = setTimeout(() => void probe(), probeMs);
}

/** Asks now whether Holdfast answers. */
export async function probe(): Promise<void> {
  clearTimeout(probing);
  if (await answers()) return recover();
  reach.value = navigator.onLine ? 'away' : 'offline';
  probing = setTimeout(() => void probe(), probeMs);
}

function recover(): void {
  const before = reach.value;
  const lost = socketState.value === 'lost';
  if (before !== 'quiet' || !lost) reach.value = 'well';
  clearTimeout(losing);
  if (lost) losing = setTimeout(goQuiet, quietPatienceMs);
  if (before === 'away' || before === 'offline') returns.forEach((back) => back());
}

function goQuiet(): void {
  if (socketState.value === 'lost' && reach.value === 'well') reach.value = 'quiet';
}

async function answers(): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    const { status } = await fetch('/healthz', { cache: 'no-store' });
    return !gatewayFaults.includes(status);
  } catch {
    // No answer is an answer.
    return false;
  }
}

// Short breaks are not worth a word; a longer one is looked into.
watch(socketState, (state) => {
  clearTimeout(losing);
  if (state === 'open') {
    heard();
    if (reach.value !== 'well') void probe();
  } else if (state === 'lost' && reach.value === 'well') {
    losing = setTimeout(() => void probe(), patienceMs);
  } else if (state === 'idle' && reach.value === 'quiet') {
    reach.value = 'well';
  }
});
addEventListener('offline', () => void probe());
addEventListener('online', () => void probe());
