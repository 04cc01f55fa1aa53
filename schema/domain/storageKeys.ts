/** Where an environment’s backups lie; ids only, so that renaming moves nothing. */
export interface Place {
  projectId: string;
  environmentId: string;
}

const root = (place: Place) => `v1/${place.projectId}/${place.environmentId}`;

/** The folder of one backup: everything below belongs to it alone. */
export function backupPrefix(place: Place, backupId: string): string {
  return `${root(place)}/backups/${backupId}/`;
}

/** The sealed description whose presence proves that the backup is complete. */
export function backupDocumentKey(place: Place, backupId: string): string {
  return `${backupPrefix(place, backupId)}backup.json`;
}

/** The folder of one attempt: `mark` is `<run>-<attempt>`, so that an attempt cut off can harm no other. */
export function attemptPrefix(place: Place, backupId: string, mark: string): string {
  return `${backupPrefix(place, backupId)}${mark}/`;
}

/** What was prepared for one download: everything below goes when the download ends. */
export function downloadPrefix(place: Place, downloadId: string): string {
  return `${root(place)}/downloads/${downloadId}/`;
}

/** The media of a download as one archive, made by the attempt `mark`. */
export function archiveKey(place: Place, downloadId: string, mark: string): string {
  return `${downloadPrefix(place, downloadId)}${mark}/media.tar`;
}

/** The database part: a stock custom-format dump. */
export function databaseKey(place: Place, backupId: string, mark: string): string {
  return `${attemptPrefix(place, backupId, mark)}database.dump`;
}

/** What each table of the dump holds: its rows counted and hashed. */
export function tableListKey(place: Place, backupId: string, mark: string): string {
  return `${attemptPrefix(place, backupId, mark)}tables.jsonl.gz`;
}

/** The media part’s manifest: paths and hashes, no locations. */
export function manifestKey(place: Place, backupId: string, mark: string): string {
  return `${attemptPrefix(place, backupId, mark)}manifest.jsonl.gz`;
}

/** By what the next backup knows which media files it need not read; of no use for restoring. */
export function scanKey(place: Place, backupId: string, mark: string): string {
  return `${attemptPrefix(place, backupId, mark)}scan.jsonl.gz`;
}

/** A pack: an ordinary tar of files that were new in some backup. */
export function packKey(place: Place, packId: string): string {
  return `${root(place)}/packs/${packId}.tar`;
}

/** A pack’s index: where each hash lies in that tar. */
export function packIndexKey(place: Place, packId: string): string {
  return `${root(place)}/packs/${packId}.idx.jsonl.gz`;
}

/** Lines like those of a scan list for the files of one pack: they lie there until its backup is sealed. */
export function packListKey(place: Place, packId: string): string {
  return `${root(place)}/packs/${packId}.scan.jsonl.gz`;
}
