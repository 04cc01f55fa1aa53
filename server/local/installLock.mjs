// Keeps two starts in one checkout from installing or building at the same time.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_AGAIN_MS = 250;

/**
 * Runs `work` while no other process of this checkout installs or builds; waits for the other one first.
 * A lock whose process is gone is taken over.
 */
export async function withInstallLock(root, { signal }, work) {
  const file = path.join(root, 'node_modules', '.holdfast-install.lock');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = identityOf(process.pid);
  let told = false;
  while (!tryLock(file, mine)) {
    if (!told) process.stdout.write('Another start is installing or building here: waiting for it…\n');
    told = true;
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
  try {
    await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function tryLock(file, mine) {
  // Written aside and linked: a lock that can be seen is never half-written.
  const written = `${file}.${randomUUID()}`;
  fs.writeFileSync(written, mine);
  try {
    fs.linkSync(written, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(written);
  }
  const holder = readIfThere(file);
  if (holder !== undefined && holder !== identityOf(Number(holder.split(' ')[0]))) {
    fs.rmSync(file, { force: true });
  }
  return false;
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process id, with the process's start time where the system tells it, because ids are used again. */
function identityOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return 'gone';
  }
  const stat = readIfThere(`/proc/${pid}/stat`);
  const startTime = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid} ${startTime ?? 'unknown'}`;
}
