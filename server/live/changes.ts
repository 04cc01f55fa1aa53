import { Client } from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { changeChannel, type Change } from '#schema/domain';
import { Environment, type Job } from '#schema/entities';
import { everyKindOfJob } from '../jobs/kindOfJob.js';
import { missedKinds } from './missedKinds.js';

const reconnectMs = 500;
/** How far back is looked after a gap: longer than any transaction that writes to a job’s row. */
const gapMarginMs = 15_000;

/** Who is told of changes. */
export interface ChangeListener {
  /** Something changed. */
  changed(change: Change): void;
  /** Announcements were lost: whatever is not read from rows is to be asked anew. */
  missed(): void;
  /** The projects that somebody follows. */
  followed(): string[];
}

/**
 * The catalogue’s changes as they are committed, from whatever process. Announcements are not durable: after every
 * lost connection what changed meanwhile is read from the rows.
 */
export class Changes {
  private listener: ChangeListener | null = null;
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

  /** Tells this one of changes from now on. */
  tell(listener: ChangeListener): void {
    this.listener = listener;
  }

  /** Begins to listen and goes on, through any loss of the connection, until `stop`. */
  async start(): Promise<void> {
    await this.connect().catch((error: unknown) => this.lost(error));
    this.heartbeat = setInterval(() => void this.beat(), 5_000);
  }

  /** Ends the connection: nothing is told any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.heartbeat) clearInterval(this.heartbeat);
    await this.client?.end();
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
    client.on('notification', ({ payload }) => {
      if (!this.stopped) this.listener?.changed(JSON.parse(payload ?? '') as Change);
    });
    const leave = () => void client.end().catch(() => undefined);
    try {
      await client.connect();
      await client.query(`LISTEN ${changeChannel}`);
    } catch (error: unknown) {
      leave();
      throw error;
    }
    this.client = client;
    await this.catchUp().catch((error: unknown) => {
      leave();
      this.lost(error, client);
    });
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

  /** Tells what rows show; of what has been deleted nothing is left to tell. */
  private async catchUp(): Promise<void> {
    const now = new Date();
    const since = new Date(this.aliveAt.getTime() - gapMarginMs);
    this.listener?.missed();
    const projectIds = this.listener?.followed() ?? [];
    if (projectIds.length > 0) {
      for (const { noun, entity } of everyKindOfJob) {
        for (const job of await this.changedSince(entity, since, projectIds)) {
          const { id, projectId } = job;
          for (const kind of missedKinds(job, since)) this.listener?.changed({ noun, id, projectId, kind });
        }
      }
      for (const { id, projectId } of await this.changedSince(Environment, since, projectIds))
        this.listener?.changed({ noun: 'Environment', id, projectId, kind: 'ENVIRONMENT_CHANGED' });
    }
    this.aliveAt = now;
  }

  private async changedSince<Row extends Job | Environment>(
    entity: new () => Row,
    since: Date,
    projectIds: string[],
  ): Promise<Row[]> {
    const rows = this.catalogue
      .getRepository<Job | Environment>(entity)
      .createQueryBuilder('it')
      .where('it.updatedAt > :since AND it.projectId = ANY(:projectIds)', { since, projectIds })
      .orderBy('it.updatedAt', 'ASC')
      .getMany();
    return rows as Promise<Row[]>;
  }
}
