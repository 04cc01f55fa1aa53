import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { nextBackoff } from './backoff.js';
import { oneLine, Refusal } from './refusal.js';
import { RotatingLog } from './rotatingLog.js';
import { killGroup, type Command } from './runCommand.js';
import { sayNow } from './say.js';

const ASK_AGAIN_MS = 100;
const FORCE_STEP_MS = 3_000;

/** How one process is run and watched. */
export interface ChildPlan {
  name: string;
  /** Asked at every start, so that what may change is looked up again. */
  command: () => Promise<Command>;
  /** Whether it gets an IPC channel, by whose end it notices that we are gone. */
  ipc: boolean;
  logFile: string;
  stopSignals: { first: NodeJS.Signals; forced: NodeJS.Signals };
  stopWithinMs: number;
  readyWithinMs: number;
  /** Asked again and again until it answers true; a sentence says why not yet, and what it throws means that too. */
  isReady: () => Promise<boolean | string>;
  /** Called as soon as there is a process, and again for every later one. */
  onSpawned: (pid: number) => Promise<void>;
  /** Called when a process that came in place of a dead one is ready. */
  onReplaced: () => Promise<void>;
}

/** One process that is kept running: what dies is started again, with growing pauses while it goes on dying. */
export class Child {
  private process: ChildProcess | undefined;
  private ended: Promise<string> = Promise.resolve('not started');
  private isEnded = true;
  private readonly stopping = new AbortController();
  private readonly log: RotatingLog;
  private keeping: Promise<void> | undefined;
  private waitsBecause: string | undefined;

  constructor(private readonly plan: ChildPlan) {
    this.log = new RotatingLog(plan.logFile);
  }

  /** The id of the present process. */
  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  /** Whether it is one of our own services, which depend on all other processes. */
  get isService(): boolean {
    return this.plan.ipc;
  }

  /** Starts it and resolves when it is ready; throws a Refusal where it ends or takes too long. */
  async start(signal: AbortSignal): Promise<void> {
    const { name, logFile, readyWithinMs } = this.plan;
    await this.launch();
    const limit = AbortSignal.timeout(readyWithinMs);
    const ready = await this.untilReady(AbortSignal.any([signal, limit, this.stopping.signal]));
    signal.throwIfAborted();
    if (!ready) {
      // Its last words may still be on their way through the pipe.
      await delay(ASK_AGAIN_MS);
      if (!this.isEnded && this.waitsBecause !== undefined) {
        throw new Refusal(
          `The ${name} process was not ready within ${readyWithinMs / 1000} s: ${this.waitsBecause} See ${logFile}.`,
        );
      }
      const how = this.isEnded
        ? `ended (${await this.ended})`
        : `was not ready within ${readyWithinMs / 1000} s`;
      throw new Refusal(
        `The ${name} process ${how}, its last words: "${this.log.lastLine()}"; see ${logFile}.`,
      );
    }
    this.keeping = this.keepRunning();
  }

  /** Ends it, by force where it does not end by itself in time, and waits until it is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const { stopSignals, stopWithinMs } = this.plan;
    if (!this.isEnded) this.process?.kill(stopSignals.first);
    if (!(await this.endsWithin(stopWithinMs))) this.process?.kill(stopSignals.forced);
    if (!(await this.endsWithin(FORCE_STEP_MS))) killGroup(this.process?.pid, 'SIGKILL');
    await this.ended;
    await this.keeping;
  }

  /** Ends it at once. */
  forceStop(): void {
    this.stopping.abort();
    if (!this.isEnded) this.process?.kill(this.plan.stopSignals.forced);
  }

  private async launch(): Promise<void> {
    const { name, ipc } = this.plan;
    const { file, args, ...options } = await this.plan.command();
    if (this.stopping.signal.aborted) return;
    // Its own session: Ctrl-C in the terminal reaches us only, and we end everything in order.
    const child = spawn(file, args, {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    this.process = child;
    this.isEnded = false;
    child.stdout?.on('data', (chunk: Buffer) => this.log.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.log.write(chunk));
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.isEnded = true;
        // What it started itself and left behind ends with it.
        killGroup(child.pid, 'SIGKILL');
        resolve(how);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    this.log.write(Buffer.from(`--- ${new Date().toISOString()} ${name} started as process ${child.pid}\n`));
    if (child.pid !== undefined) await this.plan.onSpawned(child.pid);
  }

  private async keepRunning(): Promise<void> {
    let pause: number | undefined;
    while (!this.stopping.signal.aborted) {
      const since = Date.now();
      const how = await this.ended;
      if (this.stopping.signal.aborted) return;
      pause = nextBackoff(pause, Date.now() - since);
      sayNow(`The ${this.plan.name} process ended (${how}); it is started again in ${pause / 1000} s.`);
      await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      await this.replace().catch((error: unknown) =>
        sayNow(`Starting the ${this.plan.name} process again failed: ${oneLine(error)}.`),
      );
    }
  }

  private async replace(): Promise<void> {
    await this.launch();
    if (!(await this.untilReady(this.stopping.signal))) return;
    sayNow(`The ${this.plan.name} process is back (${this.pid}).`);
    await this.plan.onReplaced();
  }

  private async untilReady(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && !this.isEnded) {
      const ready = await this.plan.isReady().catch(() => false);
      if (ready === true) return !this.isEnded;
      this.tellWhy(ready);
      await delay(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  /** Says what is waited for, once. */
  private tellWhy(why: string | false): void {
    if (why === false || why === this.waitsBecause) return;
    this.waitsBecause = why;
    sayNow(`The ${this.plan.name} process waits: ${why}`);
  }

  private async endsWithin(ms: number): Promise<boolean> {
    if (this.isEnded) return true;
    const inTime = new AbortController();
    const timer = delay(ms, false, { signal: inTime.signal }).catch(() => false);
    const ended = await Promise.race([this.ended.then(() => true), timer]);
    inTime.abort();
    return ended;
  }
}
