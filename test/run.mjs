// Runs every check and test, or the parts named: `npm test`, `npm test -- static unit`. Plain Node: it installs first.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from '../server/local/install.mjs';
import { ensureAccelerator } from './support/ensureAccelerator.mjs';
import { ensureArchivers } from './support/ensureArchivers.mjs';
import { ensureChromium } from './support/ensureChromium.mjs';
import { ensurePostgres } from './support/ensurePostgres.mjs';
import { ensureStrace } from './support/ensureStrace.mjs';
import { ensureVersitygw } from './support/ensureVersitygw.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = path.join(root, 'test/output');
const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** Checks that look at the sources: each counts as one test. */
const checks = [
  ['types: the domain is pure', bin('tsc'), ['-p', 'schema/domain/tsconfig.json']],
  ['types: durable code is pure', bin('tsc'), ['-p', 'workflows/durable/tsconfig.json']],
  ['types: tests', bin('tsc'), ['-p', 'test/tsconfig.json', '--incremental', 'false']],
  ['types: web', bin('vue-tsc'), ['-p', 'web/tsconfig.json', '--noEmit']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  [
    'rooms import no rooms',
    bin('depcruise'),
    [
      'schema',
      'server',
      'workflows',
      'web/src',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
    ],
  ],
  ['no dead files, exports or dependencies', bin('knip'), ['--no-progress']],
];
/** Suites, and what runs side by side in each: those of the last wait much more than they work. */
const suites = { unit: ['unit'], integration: ['integration'], running: ['running', 'alone'] };
const parts = ['static', ...Object.keys(suites)];

const wanted = process.argv.slice(2);
const unknown = wanted.find((part) => !parts.includes(part));
if (unknown !== undefined) {
  process.stderr.write(`There is no part "${unknown}": choose from ${parts.join(', ')}.\n`);
  process.exit(2);
}
const chosen = wanted.length === 0 ? parts : parts.filter((part) => wanted.includes(part));

const total = { passed: 0, failed: 0, skipped: 0 };
fs.mkdirSync(output, { recursive: true });
await ensureInstalled(root);
await ensureBuilt(root);
if (chosen.includes('integration') || chosen.includes('running')) ensureAccelerator(root);
if (chosen.includes('integration') || chosen.includes('running')) ensureArchivers();
if (chosen.includes('integration') || chosen.includes('running')) ensureStrace();
if (chosen.includes('integration')) process.env.HOLDFAST_TEST_PG_BINDIRS = await ensurePostgres(root);
if (chosen.includes('running')) ensureChromium();
if (chosen.includes('integration') || chosen.includes('running')) {
  process.env.HOLDFAST_TEST_VERSITYGW = ensureVersitygw();
}
for (const part of chosen) {
  if (part === 'static') await runChecks();
  else await Promise.all(suites[part].map(runProject));
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** The build has shown already that server, workflows and schema compile; the rest runs two at a time. */
async function runChecks() {
  report('types: server, workflows and schema', true, '');
  const waiting = [...checks];
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) await runCheck(...check);
  };
  await Promise.all([lane(), lane()]);
}

function runCheck(name, command, args) {
  const begun = Date.now();
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      report(`${name} (${Math.round((Date.now() - begun) / 1000)} s)`, error === null, `${stdout}${stderr}`);
      resolve();
    });
  });
}

function report(name, passed, words) {
  total[passed ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name}\n${passed ? '' : `${words}\n`}`);
}

function runProject(name) {
  const results = path.join(output, `${name}.json`);
  fs.rmSync(results, { force: true });
  const args = [
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ];
  return new Promise((resolve) => {
    const child = spawn(bin('vitest'), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(count(results, 1)));
    child.once('close', (status) => resolve(count(results, status)));
  });
}

/** Adds up what a project wrote down of its tests. */
function count(results, status) {
  const counted = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : null;
  total.passed += counted?.numPassedTests ?? 0;
  total.skipped += (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
  // A suite that broke outside of its tests (a file that does not load, a service that does not start) counts too.
  total.failed += counted?.numFailedTests || (status === 0 ? 0 : 1);
}
