import { createClient } from 'graphql-ws';
import { shallowRef } from 'vue';
import { leaveForSignIn } from '../session/leave.js';

/** `idle`: nobody listens. `lost`: it broke and is being mended. */
export type SocketState = 'idle' | 'connecting' | 'open' | 'lost';

/** How the live connection is, for a quiet word on the screen. */
export const socketState = shallowRef<SocketState>('idle');

const signedOutCodes = [4401, 4403];
const pingMs = 12_000;
const pongPatienceMs = 5_000;
const longestWaitMs = 4_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;

/** The one WebSocket; it carries subscriptions with the session cookie and mends itself. */
export const socket = createClient({
  url: () => `${location.origin.replace(/^http/, 'ws')}/graphql`,
  lazyCloseTimeout: 5_000,
  keepAlive: pingMs,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: (problem) => !signedOutCodes.includes(closeCode(problem)),
  retryWait,
  on: {
    connecting: () => {
      if (socketState.value !== 'lost') socketState.value = 'connecting';
    },
    connected: () => {
      socketState.value = 'open';
    },
    closed: (event) => {
      clearTimeout(pongTimer);
      const code = closeCode(event);
      socketState.value = code === 1000 ? 'idle' : 'lost';
      if (signedOutCodes.includes(code)) leaveForSignIn({ ended: true });
    },
    // A connection that is dead but not closed (a laptop that slept) is noticed by its silence.
    ping: (received) => {
      if (!received) pongTimer = setTimeout(() => socket.terminate(), pongPatienceMs);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
  },
});

function closeCode(problem: unknown): number {
  return typeof problem === 'object' && problem !== null && 'code' in problem ? Number(problem.code) : 0;
}

/** Waits longer after each try, but not a moment longer once the network is back. */
function retryWait(retries: number): Promise<void> {
  const waitMs = Math.min(longestWaitMs, 250 * 2 ** retries) + Math.random() * 250;
  return new Promise((resolve) => {
    const timer = setTimeout(done, waitMs);
    addEventListener('online', done);
    function done(): void {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    }
  });
}
