// One step of the installation: a child process with a line of progress, ended together with us.
import { spawn } from 'node:child_process';

const KEEP_OUTPUT = 64 * 1024;
const STILL_AT_IT_MS = 10_000;
const KILL_AFTER_MS = 5_000;

/** A problem that a person can solve; its message is one line. */
export class InstallProblem extends Error {}

/**
 * Runs one command to its end while telling what is going on; rejects with an InstallProblem when it fails.
 * Its output is shown only then. Aborting `signal` ends the command with everything that it started.
 */
export async function runStep(title, { file, args, cwd, signal, remedy }) {
  signal?.throwIfAborted();
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const stopTelling = tellProgress(title, seconds);
  let result;
  try {
    result = await runCommand(file, args, cwd, signal);
  } finally {
    stopTelling();
  }
  signal?.throwIfAborted();
  if (result.code === 0) {
    process.stdout.write(`${title}: done in ${seconds()} s\n`);
    return;
  }
  process.stderr.write(result.output.endsWith('\n') ? result.output : `${result.output}\n`);
  throw new InstallProblem(`"${title}" failed (${result.ending}), its output is above: ${remedy}.`);
}

function tellProgress(title, seconds) {
  if (process.stdout.isTTY) {
    const frames = ['|', '/', '-', '\\'];
    let turn = 0;
    const draw = () => process.stdout.write(`\r${frames[turn++ % frames.length]} ${title}: ${seconds()} s `);
    draw();
    const timer = setInterval(draw, 200);
    return () => {
      clearInterval(timer);
      process.stdout.write('\r\x1b[K');
    };
  }
  process.stdout.write(`${title}…\n`);
  const timer = setInterval(() => process.stdout.write(`${title}: ${seconds()} s so far\n`), STILL_AT_IT_MS);
  return () => clearInterval(timer);
}

function runCommand(file, args, cwd, signal) {
  return new Promise((resolve) => {
    // Its own process group: what it starts can be ended with it, and Ctrl-C reaches it only through us.
    const child = spawn(file, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // What is built is for use, whatever the caller's shell or test runner says.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-KEEP_OUTPUT));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const endGroup = (name) => {
      try {
        if (child.pid) process.kill(-child.pid, name);
      } catch {
        // The group is gone already, which is what was wanted.
      }
    };
    let killTimer;
    const onAbort = () => {
      endGroup('SIGTERM');
      killTimer = setTimeout(() => endGroup('SIGKILL'), KILL_AFTER_MS);
    };
    const finish = (result) => {
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', onAbort);
      if (signal?.aborted) endGroup('SIGKILL');
      resolve(result);
    };
    signal?.addEventListener('abort', onAbort);
    child.on('error', (error) => finish({ code: -1, ending: `${file}: ${error.message}`, output }));
    child.on('close', (code, name) => finish({ code, ending: name ?? `exit code ${code}`, output }));
  });
}
