import type { ChangeQueue } from './changeQueue.js';

/**
 * A stream that ends as soon as its reader leaves. A generator alone would wait for the next change before it noticed,
 * and until then hold its queue.
 */
export function closable<Event>(queue: ChangeQueue, events: AsyncGenerator<Event>): AsyncGenerator<Event> {
  const leave = events.return.bind(events);
  events.return = (value) => {
    queue.close();
    return leave(value);
  };
  return events;
}
