import DataLoader from 'dataloader';
import { In, type DataSource } from 'typeorm';
import { maySee, type Role, type Standing } from '#schema/domain';
import { Backup, Environment, Member, Project } from '#schema/entities';
import { isUuid } from './isUuid.js';
import type { Viewer } from '../identity/viewer.js';

/**
 * What one viewer may see. Every query, mutation, field and subscription asks here, so that a thing either exists
 * for a person everywhere or nowhere.
 */
export class Access {
  private readonly roles: DataLoader<string, Role | null>;

  constructor(
    private readonly catalogue: DataSource,
    readonly viewer: Viewer | null,
  ) {
    this.roles = new DataLoader((projectIds) => this.loadRoles(projectIds));
  }

  /** How the viewer stands to a project. */
  async standing(projectId: string): Promise<Standing> {
    if (!this.viewer) return { role: null, isSupport: false };
    return { role: await this.roles.load(projectId), isSupport: this.viewer.user.isSupport };
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

  /** The environment where the viewer may see its project, else null. */
  async environment(id: string): Promise<Environment | null> {
    return this.visible(await this.byId(Environment, id), (environment) => environment.projectId);
  }

  /** The backup where the viewer may see its project, else null. */
  async backup(id: string): Promise<Backup | null> {
    return this.visible(await this.byId(Backup, id), (backup) => backup.projectId);
  }

  /** Whatever this id stands for, where the viewer may see it. */
  async node(id: string): Promise<Project | Environment | Backup | Viewer['user'] | null> {
    if (id === this.viewer?.user.id) return this.viewer.user;
    return (await this.backup(id)) ?? (await this.environment(id)) ?? (await this.project(id));
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
}
