/** Names the window, e.g. `Backups · Shop · Holdfast`. */
export function nameWindow(...parts: (string | undefined)[]): void {
  document.title = [...parts.filter(Boolean), 'Holdfast'].join(' · ');
}
