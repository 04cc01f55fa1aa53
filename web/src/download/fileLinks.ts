import type { Client } from '@urql/core';
import { problemInWords } from '../graph/problems.js';
import { FileLinksQuery } from './queries.js';

/** An address of a file that works for minutes, or why there is none. */
export type FreshLink = { url: string } | { problem: string };

/** Has an address minted for one file; what became of the download meanwhile shows by itself. */
export async function freshLink(client: Client, downloadId: string, name: string): Promise<FreshLink> {
  const { data, error } = await client
    .query(FileLinksQuery, { id: downloadId }, { requestPolicy: 'network-only' })
    .toPromise();
  if (error) return { problem: `${problemInWords(error).title}. Try again.` };
  const files = data?.node?.__typename === 'Download' ? data.node.files : [];
  const url = files.find((each) => each.name === name)?.url;
  return url ? { url } : { problem: 'This file can no longer be downloaded.' };
}
