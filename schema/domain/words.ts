const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number of bytes in binary units, three digits, e.g. `74.6 MiB`. */
export function bytesInWords(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Seconds as people say them, e.g. `2 min 5 s`. */
export function secondsInWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** An instant to the minute, e.g. `22 Nov 2026 03:00 UTC`. */
export function minuteInWords(at: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\d+:\d+)/.exec(at.toUTCString()) ?? [];
  return `${Number(day)} ${month} ${year} ${time} UTC`;
}

/** A text as it is, in a place that reads Markdown: nothing in it becomes a link or a mark. */
export function plainInMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#|~!]/g, '\\$&').replace(/\s+/g, ' ');
}
