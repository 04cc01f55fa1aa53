/**
 * The folders whose content may still come while entries pass in the byte order of their paths. The content of `a` comes
 * after `a-b` and before `a0`, so that several are open at once, each lying between the bounds of the one before.
 */
export class FolderStack<Kept> {
  private readonly open: Array<{ prefix: string; kept: Kept }> = [];

  /** Tells of the next entry; answers what was kept of folders whose content is complete, inner ones first. */
  pass(path: string): Kept[] {
    const done: Kept[] = [];
    for (let last = this.open.at(-1); last && isBehind(last.prefix, path); last = this.open.at(-1)) {
      done.push(last.kept);
      this.open.pop();
    }
    return done;
  }

  /** Opens a folder: the entry that has just passed. */
  push(path: string, kept: Kept): void {
    this.open.push({ prefix: `${path}/`, kept });
  }

  /** Whether a path lies in the media folder itself or in a folder that is open. */
  holds(path: string): boolean {
    const end = path.lastIndexOf('/') + 1;
    if (end === 0) return true;
    for (let at = this.open.length - 1; at >= 0; at -= 1) {
      const prefix = this.open[at]?.prefix ?? '';
      if (prefix.length === end && path.startsWith(prefix)) return true;
    }
    return false;
  }

  /** What was kept of the folder that a path lies in; null where that is the media folder itself, or not open. */
  above(path: string): Kept | null {
    const prefix = path.slice(0, path.lastIndexOf('/') + 1);
    return this.open.findLast((each) => each.prefix === prefix)?.kept ?? null;
  }

  /** Closes all that is open, inner ones first. */
  end(): Kept[] {
    return this.open
      .splice(0)
      .reverse()
      .map(({ kept }) => kept);
  }
}

function isBehind(prefix: string, path: string): boolean {
  return path > prefix && !path.startsWith(prefix);
}
