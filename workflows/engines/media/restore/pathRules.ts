const longestName = 255;
const longestPath = 4_095;

/** Why no entry of a media folder may have this path (one character for each byte), in words; null where it may. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'has no name';
  if (path.startsWith('/')) return 'has an absolute name';
  if (path.includes('\0')) return 'has a zero byte in its name';
  if (path.length > longestPath) return 'has a name that is too long';
  for (const name of path.split('/')) {
    if (name === '') return 'has an empty name between slashes';
    if (name === '.' || name === '..') return `has “${name}” in its name`;
    if (name.length > longestName) return 'has a name that is too long';
  }
  return null;
}

/** Why no symlink may have this text, in words; null where it may. */
export function targetProblem(target: string): string | null {
  if (target === '') return 'is a link without a target';
  if (target.includes('\0')) return 'is a link with a zero byte in its target';
  return target.length > longestPath ? 'is a link whose target is too long' : null;
}

/** Whether a symlink at a path leads out of the folder that the path is relative to, as far as its text tells. */
export function leadsOut(path: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  let depth = path.split('/').length - 1;
  for (const name of target.split('/')) {
    if (name === '..') depth -= 1;
    else if (name !== '' && name !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** A path as sentences name it. */
export function pathInWords(path: string): string {
  const text = Buffer.from(path, 'latin1')
    .toString('utf8')
    .replace(/\p{Cc}/gu, '?');
  return `“${text.length > 200 ? `…${text.slice(-200)}` : text}”`;
}
