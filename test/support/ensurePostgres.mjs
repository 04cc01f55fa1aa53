import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installPackages } from './installPackages.mjs';

/** Whether the machine has a whole PostgreSQL where distributions put it. */
function isInstalled() {
  const root = '/usr/lib/postgresql';
  if (!fs.existsSync(root)) return false;
  return fs.readdirSync(root).some((major) => fs.existsSync(path.join(root, major, 'bin/initdb')));
}

/**
 * Makes sure that the engines’ tests find a PostgreSQL to start: the machine’s own; as root the distribution’s is
 * installed (its server must run as a user who can reach it); else the one that `npm start` fetches. Answers with
 * folders of programs, `:` between them.
 */
export async function ensurePostgres(root) {
  if (isInstalled()) return '';
  if (installPackages('PostgreSQL', ['postgresql']) && isInstalled()) return '';
  const { obtainPostgres } = await import(path.join(root, 'dist/server/local/tools/obtainPostgres.js'));
  const { toolsFolders } = await import(path.join(root, 'dist/server/local/tools/toolsFolder.js'));
  const { chooseRunAs } = await import(path.join(root, 'dist/server/local/runAs.js'));
  const { bindirs } = await obtainPostgres(
    {
      major: undefined,
      runAs: await chooseRunAs(os.tmpdir()),
      bindir: undefined,
      useMachineTools: true,
      toolsFolders: toolsFolders(path.join(os.tmpdir(), 'holdfast-tools'), process.env),
      env: process.env,
    },
    new AbortController().signal,
  );
  return bindirs.join(':');
}
