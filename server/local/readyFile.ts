import { replaceFile } from './files.js';

/** How scripts meet a running Holdfast; the shape is a promise to them. */
export interface ReadyFile {
  web: string;
  graphql: string;
  temporalUi: string | null;
  temporalAddress: string;
  temporalNamespace: string;
  /** The local inbox's page; null where mail goes to an existing service. */
  mail: string | null;
  signIn: string;
  token: string;
  /** Process ids; null for what runs elsewhere. */
  processes: {
    server: number | null;
    worker: number | null;
    temporal: number | null;
    postgres: number | null;
  };
}

/** Writes ready.json in one step, for its owner's eyes only. */
export async function writeReadyFile(file: string, ready: ReadyFile): Promise<void> {
  await replaceFile(file, `${JSON.stringify(ready, null, 2)}\n`);
}
