import type { Logger } from 'pino';
import type { Presence } from './presence.js';
import type { Rights } from './rights.js';

const againMs = 500;
/** How often is looked whose credential has ended by time. */
const expiryMs = 1_000;

/**
 * Connections whose rights may have changed. They are asked anew at once, together; what may no longer be seen ends,
 * and where the credential is gone, the connection.
 */
export class Suspects {
  private waiting = new Set<Presence>();
  private busy = false;
  private readonly clock: NodeJS.Timeout;

  constructor(
    private readonly rights: Rights,
    private readonly log: Logger,
    private readonly everybody: () => Iterable<Presence>,
  ) {
    this.clock = setInterval(() => this.addExpired(), expiryMs);
  }

  /** This one is to be asked about. */
  add(presence: Presence): void {
    this.waiting.add(presence);
    if (this.busy) return;
    this.busy = true;
    queueMicrotask(() => void this.askAll());
  }

  /** Looks at the clock no more. */
  stop(): void {
    clearInterval(this.clock);
  }

  private addExpired(): void {
    const now = Date.now();
    for (const presence of this.everybody()) {
      if (presence.expiresAt && presence.expiresAt.getTime() <= now) this.add(presence);
    }
  }

  private async askAll(): Promise<void> {
    while (this.waiting.size > 0) {
      const asked = this.waiting;
      this.waiting = new Set();
      try {
        await this.ask([...asked].filter((presence) => !presence.gone));
      } catch (error: unknown) {
        this.log.warn({ error: String(error) }, 'could not ask for rights; trying again');
        for (const presence of asked) this.waiting.add(presence);
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
    this.busy = false;
  }

  private async ask(presences: Presence[]): Promise<void> {
    // Whoever subscribes while the catalogue is asked waits for a turn of their own.
    const asked = presences.map((presence) => ({ presence, subscribers: [...presence.subscribers] }));
    const projectIds = asked.flatMap(({ subscribers }) => subscribers.map(({ source }) => source.projectId));
    const credentialIds = presences.map(({ by }) => by.id);
    const worths = await this.rights.ask(credentialIds, projectIds);
    for (const { presence, subscribers } of asked) {
      const worth = worths.get(presence.by.id);
      if (!worth) {
        presence.close('SIGNED_OUT');
        continue;
      }
      presence.expiresAt = worth.expiresAt;
      for (const subscriber of subscribers) subscriber.stand(worth.standing(subscriber.source.projectId));
    }
  }
}
