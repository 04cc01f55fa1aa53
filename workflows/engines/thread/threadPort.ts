import type { MessagePort } from 'node:worker_threads';
import { unpackError, type FromThread, type ToThread } from './wire.js';

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Numbers of questions: never used twice, so that a late answer is nobody’s. */
let lastId = 0;

/** A thread’s way to its worker, for one piece of work. */
export class ThreadPort {
  private readonly waiting = new Map<number, Waiting>();
  private readonly takers = new Map<number, (total: number) => void>();
  private readonly halt = new AbortController();

  constructor(private readonly port: MessagePort) {}

  /** Aborts when the worker says so. */
  get signal(): AbortSignal {
    return this.halt.signal;
  }

  /** Says something that needs no answer. */
  tell(name: string, value: unknown): void {
    this.send({ kind: 'tell', name, value });
  }

  /** What the worker offers, as methods with one plain value; a `piece` in that value is handed over, not copied. */
  calls<Calls extends object>(): Calls {
    return new Proxy({} as Calls, { get: (_, name) => (value: unknown) => this.ask(String(name), value) });
  }

  /** Hears how many bytes of a write storage has taken, until the answer is called. */
  onTaken(write: number, taker: (total: number) => void): () => void {
    this.takers.set(write, taker);
    return () => this.takers.delete(write);
  }

  send(message: FromThread, transfer: ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
  }

  private ask(name: string, value: unknown): Promise<unknown> {
    const id = (lastId += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: 'ask', id, name, value }, pieceIn(value));
    });
  }

  /** Takes in what the worker says meanwhile. */
  hear(message: Exclude<ToThread, { kind: 'begin' }>): void {
    if (message.kind === 'abort') return this.halt.abort(unpackError(message.reason));
    if (message.kind === 'taken') return this.takers.get(message.write)?.(message.total);
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(unpackError(message.error));
  }
}

function pieceIn(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null || !('piece' in value)) return [];
  const { piece } = value;
  return piece instanceof Uint8Array && piece.buffer instanceof ArrayBuffer ? [piece.buffer] : [];
}
