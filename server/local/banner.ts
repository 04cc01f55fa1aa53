import type { ReadyFile } from './readyFile.js';

/** What a person at the console needs to begin, and no more. */
export function banner(ready: ReadyFile, publicUrl: string, dataFolder: string): string {
  const lines: [string, string][] = [
    ['Web', publicUrl],
    ['Sign in', ready.signIn],
    ['API', `${ready.graphql} (token: see ${dataFolder}/ready.json)`],
    ['Temporal', ready.temporalUi ?? `${ready.temporalAddress}, namespace ${ready.temporalNamespace}`],
    ['Mail', ready.mail ?? 'sent through SMTP_URL'],
  ];
  const rows = lines.map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  return ['', 'Holdfast is ready. Stop it with Ctrl-C.', '', ...rows, ''].join('\n');
}
