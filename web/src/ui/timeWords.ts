const locale = 'en-GB';
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat(locale, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** An instant as people say it, e.g. `just now`, `5 minutes ago`, `yesterday`, `3 weeks ago`. */
export function instantInWords(instant: string, nowMs: number): string {
  const atMs = Date.parse(instant);
  const agoMs = nowMs - atMs;
  // The server's clock may run a little ahead of this one.
  if (agoMs < 45_000) return agoMs > -5 * minuteMs ? 'just now' : exactDay(instant);
  if (agoMs < hourMs) return relative.format(-Math.max(1, Math.round(agoMs / minuteMs)), 'minute');
  const days = calendarDaysBetween(atMs, nowMs);
  if (days === 0 || agoMs < 12 * hourMs) return relative.format(-Math.round(agoMs / hourMs), 'hour');
  if (days < 14) return relative.format(-days, 'day');
  if (days < 61) return relative.format(-Math.round(days / 7), 'week');
  if (days < 730) return relative.format(-Math.round(days / 30.44), 'month');
  return relative.format(-Math.floor(days / 365.25), 'year');
}

/** An instant to come as people say it, e.g. `in 6 days`, `in 3 hours`, `in less than a minute`. */
export function aheadInWords(instant: string, nowMs: number): string {
  const leftMs = Date.parse(instant) - nowMs;
  if (leftMs < minuteMs) return 'in less than a minute';
  if (leftMs < 1.5 * hourMs) return relative.format(Math.round(leftMs / minuteMs), 'minute');
  if (leftMs < 36 * hourMs) return relative.format(Math.round(leftMs / hourMs), 'hour');
  return relative.format(Math.round(leftMs / (24 * hourMs)), 'day');
}

/** A span of whole hours as people say it, e.g. `7 days`, `36 hours`. */
export function hoursInWords(hours: number): string {
  const [count, unit] = hours >= 48 && hours % 24 === 0 ? [hours / 24, 'day'] : [hours, 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Day and time, e.g. `22 Nov 2026, 14:05`. */
export function exactDay(instant: string): string {
  const at = Date.parse(instant);
  return `${day.format(at)}, ${clock.format(at)}`;
}

/** Day, time to the second, and time zone. */
export function exactInWords(instant: string): string {
  return exact.format(Date.parse(instant));
}

/** The time of a day, e.g. `14:05`; `atMs` in milliseconds. */
export function clockTime(atMs: number): string {
  return clock.format(atMs);
}

function calendarDaysBetween(fromMs: number, toMs: number): number {
  const from = new Date(fromMs).setHours(0, 0, 0, 0);
  const to = new Date(toMs).setHours(0, 0, 0, 0);
  return Math.round((to - from) / (24 * hourMs));
}
