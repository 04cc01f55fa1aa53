/** Lets through so many requests per key and time; forgets keys as their time passes. */
export class RequestLimit {
  private readonly times = new Map<string, number[]>();

  constructor(
    private readonly most: number,
    private readonly withinMs: number,
  ) {}

  /** Whether one more request of this key is let through now. */
  take(key: string, now = Date.now()): boolean {
    const recent = (this.times.get(key) ?? []).filter((time) => now - time < this.withinMs);
    if (this.times.size > 10_000) this.forget(now);
    if (recent.length >= this.most) return false;
    this.times.set(key, [...recent, now]);
    return true;
  }

  private forget(now: number): void {
    for (const [key, times] of this.times) {
      if (times.every((time) => now - time >= this.withinMs)) this.times.delete(key);
    }
  }
}
