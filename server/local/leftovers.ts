import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readIfThere } from './files.js';
import { identifyProcess, isSameProcessAlive, type ProcessIdentity } from './processIdentity.js';
import { Refusal } from './refusal.js';
import { killGroup } from './runCommand.js';
import { findStragglers } from './stragglers.js';

const END_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 100;

interface RecordedProcess extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
}

/** Which processes were started, kept in a file, so that the next start can end those that outlived this one. */
export class ProcessRecord {
  private readonly processes = new Map<string, RecordedProcess>();

  constructor(private readonly file: string) {}

  /** Records that `name` runs as `pid` now. */
  async add(name: string, pid: number, stopSignal: NodeJS.Signals): Promise<void> {
    const identity = await identifyProcess(pid);
    if (identity === undefined) return;
    this.processes.set(name, { name, stopSignal, ...identity });
    // Written at once: a kill -9 may come next.
    writeFileSync(this.file, JSON.stringify([...this.processes.values()]), { mode: 0o600 });
  }
}

/**
 * Ends the recorded processes of an earlier Holdfast that was killed, and what they left behind themselves; answers
 * their names. Each is recognised by its id and start time (or by its session and data folder), never by its name, so
 * that nobody else's process is touched.
 */
export async function endLeftovers(file: string, dataFolder: string): Promise<string[]> {
  const recorded = parseRecord(await readIfThere(file));
  const alive: RecordedProcess[] = [];
  for (const one of recorded) if (await isSameProcessAlive(one)) alive.push(one);
  for (const { pid, stopSignal } of alive) signalProcess(pid, stopSignal);
  for (const one of alive) await waitUntilGone(one);
  for (const { pid } of recorded) {
    // A process that lives under this id by now is somebody else's, and so is its session.
    if ((await identifyProcess(pid)) !== undefined) continue;
    for (const straggler of await findStragglers(pid, dataFolder)) signalProcess(straggler, 'SIGKILL');
  }
  return alive.map(({ name }) => name);
}

async function waitUntilGone({ name, ...identity }: RecordedProcess): Promise<void> {
  const force = Date.now() + END_WITHIN_MS;
  while (await isSameProcessAlive(identity)) {
    if (Date.now() > force) {
      killGroup(identity.pid, 'SIGKILL');
      signalProcess(identity.pid, 'SIGKILL');
    }
    if (Date.now() > force + END_WITHIN_MS) {
      throw new Refusal(
        `A ${name} process (${identity.pid}) of an earlier start does not end: end it first.`,
      );
    }
    await delay(LOOK_AGAIN_MS);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

function parseRecord(text: string | undefined): RecordedProcess[] {
  try {
    const raw: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(raw) ? (raw as RecordedProcess[]) : [];
  } catch {
    // Cut off while it was written: the process that was to be added dies with its parent where the system can do so.
    return [];
  }
}
