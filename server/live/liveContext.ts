import type { DataSource } from 'typeorm';
import type { Standing } from '#schema/domain';
import { User } from '#schema/entities';
import { Access } from '../access/access.js';
import { Context, type Tools } from '../graph/context.js';
import type { Viewer } from '../identity/viewer.js';

/** Access to one project as it was settled for an event: asked once, for all who wait for it. */
class SettledAccess extends Access {
  constructor(
    catalogue: DataSource,
    viewer: Viewer,
    private readonly projectId: string,
    private readonly settled: Standing,
  ) {
    super(catalogue, viewer);
  }

  override async standing(projectId: string): Promise<Standing> {
    return projectId === this.projectId ? this.settled : super.standing(projectId);
  }
}

/** A context for one person, who stands to the project like this. */
export function contextOf(tools: Tools, viewer: Viewer, projectId: string, standing: Standing): Context {
  const user = Object.assign(new User(), viewer.user, { isSupport: standing.isSupport });
  return new Context(tools, new SettledAccess(tools.catalogue, { ...viewer, user }, projectId, standing));
}

/**
 * A context for everybody who stands to the project like this. Whatever a resolver asks of the viewer beyond that
 * (who it is, or what that person may do elsewhere) calls `personal` and fails: the answer is one person’s, and must
 * not be shared. So a new field is safe without being known here.
 */
export function contextOfAll(
  tools: Tools,
  projectId: string,
  standing: Standing,
  personal: () => void,
): Context {
  const refuse = (): never => {
    personal();
    throw new Error('This depends on who asks.');
  };
  const user = new Proxy(new User(), {
    get: (_user, name) => (name === 'isSupport' ? standing.isSupport : refuse()),
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
    getPrototypeOf: refuse,
  });
  const viewer: Viewer = {
    user,
    get by() {
      return refuse();
    },
  };
  return new Context(tools, new SettledAccess(tools.catalogue, viewer, projectId, standing));
}
