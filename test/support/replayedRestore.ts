import { expect } from 'vitest';
import type { Restores, RestoreSeen } from './restores.js';
import type { Temporal } from './temporal.js';
import { until } from './until.js';

/** So soon a run that support staff began is seen in Holdfast. */
const seenWithinMs = 2_000;

/** A restore as support staff handle it: beside Holdfast, in Temporal. */
export class ReplayedRestore {
  constructor(
    private readonly restores: Restores,
    private readonly temporal: Temporal,
    readonly id: string,
  ) {}

  /** Of its workflow. */
  get workflow(): string {
    return `restore/${this.id}`;
  }

  /** Waits until the newest run has closed, and the row says so of that run. */
  async ends(status: string): Promise<RestoreSeen> {
    let last: unknown = null;
    return until(`the restore and its newest run are ${status}`, 90_000, async () => {
      const restore = await this.restores.look(this.id);
      last = restore;
      if (restore.status !== status) return null;
      const { status: closed, runId } = await this.temporal.look(this.workflow);
      return closed !== 'RUNNING' && restore.workflow.runId === runId ? restore : null;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(last)}`, { cause: error });
    });
  }

  /** Waits for its failure, in the row and in Temporal alike. */
  async fails(code: string): Promise<RestoreSeen> {
    const failed = await this.ends('FAILED');
    expect(failed.failure?.code).toBe(code);
    expect(failed.failure?.message).toMatch(/^Step “[a-z]+”: .+\. .+\.$/s);
    expect(await this.temporal.look(this.workflow)).toMatchObject({
      status: 'FAILED',
      failureType: code,
      failureAttribute: code,
      failureMessage: failed.failure?.message,
    });
    return failed;
  }

  /** How many tasks the newest run has done. */
  async tasks(): Promise<number> {
    return (await this.temporal.resetPoints(this.workflow)).length;
  }

  /** Resets the newest run to its n-th task (0 the first, -1 the last); answers with the new run’s id. */
  async reset(task: number): Promise<string> {
    const point = (await this.temporal.resetPoints(this.workflow)).at(task);
    if (!point) throw new Error(`There is no task ${task}`);
    return this.temporal.reset(this.workflow, point);
  }

  /** Resets it and requires that Holdfast shows the new run under way at once. */
  async resetAndSee(task: number): Promise<string> {
    const runId = await this.reset(task);
    const seen = await until('Holdfast shows the new run', seenWithinMs, async () => {
      const restore = await this.restores.look(this.id);
      return restore.workflow.runId === runId ? restore : null;
    });
    // One that fails for a cause that still stands may have ended by now.
    expect(seen.workflow.url).toContain(runId);
    return runId;
  }

  /** Waits until the newest run has completed, whatever the row says. */
  async runCloses(runId: string): Promise<string> {
    return until('the run has closed', 60_000, async () => {
      const newest = await this.temporal.look(this.workflow);
      return newest.runId === runId && newest.status !== 'RUNNING' ? newest.status : null;
    });
  }
}
