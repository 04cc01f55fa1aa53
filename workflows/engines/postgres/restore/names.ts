/** The longest name of a database, in bytes of UTF-8. */
const longestName = 63;

/** The name of the database that is restored beside the live one; `mark`, of at most 6 characters, tells tries apart. */
export function stagedNameOf(database: string, restoreId: string, mark: string): string {
  return withSuffix(database, `_restore_${shortId(restoreId)}_${mark}`);
}

/** The name under which the replaced database is kept for an undo. */
export function oldNameOf(database: string, restoreId: string): string {
  return withSuffix(database, `_old_${shortId(restoreId)}`);
}

/** How the names of all databases begin that one restore has staged, whatever their mark, if marks have 6 characters. */
export function stagedPrefixOf(database: string, restoreId: string): string {
  return stagedNameOf(database, restoreId, '______').slice(0, -'______'.length);
}

/** The end of the id: where ids begin with the time, many begin alike. */
function shortId(restoreId: string): string {
  return restoreId.replaceAll('-', '').slice(-8);
}

function withSuffix(database: string, suffix: string): string {
  const room = longestName - Buffer.byteLength(suffix);
  let cut = '';
  let bytes = 0;
  for (const character of database) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    cut += character;
  }
  return cut + suffix;
}
