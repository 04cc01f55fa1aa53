import DataLoader from 'dataloader';
import { In, type DataSource } from 'typeorm';
import { maySee, slugProblem, type Role, type Standing } from '#schema/domain';
import { Backup, Download, Environment, Member, Project, Restore, User, type Job } from '#schema/entities';
import { isUuid } from './isUuid.js';
import type { Viewer } from '../identity/viewer.js';

/**
 * What one viewer may see. Every query, mutation, field and subscription asks here, so that a thing either exists
 * for a person everywhere or nowhere.
 */
export class Access {
  private readonly roles: DataLoader<string, Role | null>;
  private readonly acquainted: DataLoader<string, boolean>;

  constructor(
    private readonly catalogue: DataSource,
    readonly viewer: Viewer | null,
  ) {
    this.roles = new DataLoader((projectIds) => this.loadRoles(projectIds));
    this.acquainted = new DataLoader((userIds) => this.loadAcquainted(userIds));
  }

  /** How the viewer stands to a project. */
  async standing(projectId: string): Promise<Standing> {
    if (!this.viewer) return { role: null, isSupport: false };
    return { role: await this.roles.load(projectId), isSupport: this.viewer.user.isSupport };
  }

  /** Forgets how the viewer stands to a project, whose members have just changed. */
  forget(projectId: string): void {
    this.roles.clear(projectId);
    this.acquainted.clearAll();
  }

  /** Ids of the projects whose jobs the viewer may see; null: all of them. */
  async projectIds(): Promise<string[] | null> {
    if (!this.viewer) return [];
    if (this.viewer.user.isSupport) return null;
    const members = await this.catalogue
      .getRepository(Member)
      .find({ select: { projectId: true }, where: { userId: this.viewer.user.id } });
    return members.map(({ projectId }) => projectId);
  }

  /** The project where the viewer may see it, else null. */
  async project(id: string): Promise<Project | null> {
    return this.visible(await this.byId(Project, id), (project) => project.id);
  }

  /** The project of this slug where the viewer may see it, else null. */
  async projectBySlug(slug: string): Promise<Project | null> {
    if (!this.viewer || slugProblem(slug)) return null;
    const found = await this.catalogue.getRepository(Project).findOneBy({ slug });
    return this.visible(found, (project) => project.id);
  }

  /** The environment where the viewer may see its project, else null. */
  async environment(id: string): Promise<Environment | null> {
    return this.shown(await this.byId(Environment, id));
  }

  /** The backup where the viewer may see its project, else null. */
  async backup(id: string): Promise<Backup | null> {
    return this.shown(await this.byId(Backup, id));
  }

  /** The restore where the viewer may see the project of its destination, else null. */
  async restore(id: string): Promise<Restore | null> {
    return this.shown(await this.byId(Restore, id));
  }

  /** The download where the viewer may see its project, else null. */
  async download(id: string): Promise<Download | null> {
    return this.shown(await this.byId(Download, id));
  }

  /** The job of whatever kind where the viewer may see its project, else null. */
  async job(id: string): Promise<Job | null> {
    return (await this.backup(id)) ?? (await this.restore(id)) ?? (await this.download(id));
  }

  /** This row of a project where the viewer may see that project, else null. */
  async shown<Row extends { projectId: string }>(row: Row | null): Promise<Row | null> {
    return this.visible(row, ({ projectId }) => projectId);
  }

  /** Whether the viewer may see this person: themselves, people of shared projects, and everybody as support staff. */
  async knows(userId: string): Promise<boolean> {
    if (!this.viewer) return false;
    if (this.viewer.user.isSupport || this.viewer.user.id === userId) return true;
    return this.acquainted.load(userId);
  }

  /** The person where the viewer may see them, else null. */
  async user(id: string): Promise<User | null> {
    const user = await this.byId(User, id);
    return user && (await this.knows(user.id)) ? user : null;
  }

  /** Whatever this id stands for, where the viewer may see it. */
  async node(id: string): Promise<Project | Environment | Job | User | null> {
    return (
      (await this.job(id)) ??
      (await this.environment(id)) ??
      (await this.project(id)) ??
      (await this.user(id))
    );
  }

  private async byId<Row extends { id: string }>(entity: new () => Row, id: string): Promise<Row | null> {
    if (!this.viewer || !isUuid(id)) return null;
    return this.catalogue.getRepository<{ id: string }>(entity).findOneBy({ id }) as Promise<Row | null>;
  }

  private async visible<Row>(row: Row | null, projectId: (row: Row) => string): Promise<Row | null> {
    return row && maySee(await this.standing(projectId(row))) ? row : null;
  }

  private async loadRoles(projectIds: readonly string[]): Promise<Array<Role | null>> {
    if (!this.viewer) return projectIds.map(() => null);
    const members = await this.catalogue
      .getRepository(Member)
      .findBy({ userId: this.viewer.user.id, projectId: In([...projectIds]) });
    return projectIds.map((id) => members.find((member) => member.projectId === id)?.role ?? null);
  }

  private async loadAcquainted(userIds: readonly string[]): Promise<boolean[]> {
    const rows = await this.catalogue
      .getRepository(Member)
      .createQueryBuilder('theirs')
      .innerJoin(Member, 'mine', 'mine.project_id = theirs.project_id')
      .where('mine.user_id = :viewer', { viewer: this.viewer?.user.id })
      .andWhere('theirs.user_id = ANY(:userIds)', { userIds: [...userIds] })
      .select('DISTINCT theirs.user_id', 'id')
      .getRawMany<{ id: string }>();
    return userIds.map((id) => rows.some((row) => row.id === id));
  }
}
