import type { Child } from './child.js';

/** What runs, so that all of it is stopped in the right order, whatever happened before. */
export class Running {
  private readonly children: Child[] = [];
  private readonly others: (() => Promise<void>)[] = [];

  constructor(hurry: AbortSignal) {
    hurry.addEventListener('abort', () => {
      for (const child of this.children) child.forceStop();
    });
  }

  /** Adds a child that is about to start; what is added later depends on what was added before. */
  addChild(child: Child): void {
    this.children.push(child);
  }

  /** Adds something inside this process that has to be stopped; it is stopped after the children. */
  addOther(stop: () => Promise<void>): void {
    this.others.push(stop);
  }

  /**
   * Stops everything, within half a minute even where all of it must be forced: our own services together, then what
   * they depend on, last started first.
   */
  async stop(): Promise<void> {
    const services = this.children.filter(({ isService }) => isService);
    await Promise.all(services.map((child) => child.stop()));
    for (const child of this.children.filter(({ isService }) => !isService).reverse()) await child.stop();
    await Promise.all(this.others.map((stop) => stop()));
  }
}
