import { Client } from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { changeChannel, hasEnded, type Change } from '#schema/domain';
import { Backup } from '#schema/entities';
import { ChangeQueue } from './changeQueue.js';

const reconnectMs = 500;
/** How far back is looked after a gap: longer than any transaction that writes to a job’s row. */
const gapMarginMs = 15_000;

/**
 * The catalogue’s changes as they are committed, from whatever process. Announcements are not durable: after every
 * lost connection what changed meanwhile is read from the rows.
 */
export class Changes {
  private readonly queues = new Set<ChangeQueue>();
  private client: Client | null = null;
  private stopped = false;
  private aliveAt = new Date();
  private heartbeat: NodeJS.Timeout | null = null;

  constructor(
    private readonly catalogue: DataSource,
    private readonly databaseUrl: string,
    private readonly log: Logger,
  ) {}

  /** Whether announcements arrive right now. */
  get listening(): boolean {
    return this.client !== null;
  }

  /** Begins to listen and goes on, through any loss of the connection, until `stop`. */
  async start(): Promise<void> {
    await this.connect().catch((error: unknown) => this.lost(error));
    this.heartbeat = setInterval(() => void this.beat(), 5_000);
  }

  /** Ends every subscription and the connection. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.heartbeat) clearInterval(this.heartbeat);
    for (const queue of this.queues) queue.end();
    await this.client?.end();
  }

  /** Changes from now on that `wanted` picks. Close the queue when done. */
  subscribe(wanted: (change: Change) => boolean): ChangeQueue {
    const queue = new ChangeQueue(wanted, () => this.queues.delete(queue));
    this.queues.add(queue);
    return queue;
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'holdfast changes',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client.on('error', (error) => this.lost(error, client));
    client.on('end', () => this.lost(new Error('the connection ended'), client));
    client.on('notification', ({ payload }) => this.announce(JSON.parse(payload ?? '') as Change));
    await client.connect();
    await client.query(`LISTEN ${changeChannel}`);
    this.client = client;
    await this.catchUp();
  }

  private lost(error: unknown, client: Client | null = null): void {
    if (this.stopped || (client !== null && client !== this.client)) return;
    if (this.client)
      this.log.warn({ error: String(error) }, 'lost the catalogue’s announcements; connecting again');
    this.client = null;
    setTimeout(() => {
      if (!this.stopped) void this.connect().catch((again: unknown) => this.lost(again));
    }, reconnectMs);
  }

  /** A connection that hangs is as lost as one that ends. */
  private async beat(): Promise<void> {
    const client = this.client;
    if (!client) return;
    const answered = client.query('SELECT 1').then(() => true);
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), 4_000));
    if (await Promise.race([answered.catch(() => false), late])) {
      this.aliveAt = new Date();
    } else {
      void client.end().catch(() => undefined);
      this.lost(new Error('no answer'), client);
    }
  }

  private announce(change: Change): void {
    for (const queue of this.queues) queue.push(change);
  }

  private async catchUp(): Promise<void> {
    const since = new Date(this.aliveAt.getTime() - gapMarginMs);
    this.aliveAt = new Date();
    if (this.queues.size === 0) return;
    const missed = await this.catalogue
      .getRepository(Backup)
      .createQueryBuilder('backup')
      .where('backup.updatedAt > :since', { since })
      .orderBy('backup.updatedAt', 'ASC')
      .getMany();
    for (const { id, projectId, status, createdAt } of missed) {
      const kind = hasEnded(status) ? 'JOB_ENDED' : createdAt > since ? 'JOB_CREATED' : 'JOB_PROGRESSED';
      this.announce({ noun: 'Backup', id, projectId, kind });
    }
  }
}
