import DataLoader from 'dataloader';
import { In, type DataSource } from 'typeorm';
import { BackupPart, Environment, Project, User } from '#schema/entities';

/** One batched look-up per relation, for the length of one request or one event. */
export interface Loaders {
  project: DataLoader<string, Project | null>;
  environment: DataLoader<string, Environment | null>;
  user: DataLoader<string, User | null>;
  parts: DataLoader<string, BackupPart[]>;
}

/** Fresh loaders: they remember what they have seen, so they must not outlive what they serve. */
export function createLoaders(catalogue: DataSource): Loaders {
  const byId = <Row extends { id: string }>(entity: new () => Row) =>
    new DataLoader<string, Row | null>(async (ids) => {
      const rows = (await catalogue
        .getRepository<{ id: string }>(entity)
        .findBy({ id: In([...ids]) })) as Row[];
      return ids.map((id) => rows.find((row) => row.id === id) ?? null);
    });
  return {
    project: byId(Project),
    environment: byId(Environment),
    user: byId(User),
    parts: new DataLoader(async (ids) => {
      const parts = await catalogue
        .getRepository(BackupPart)
        .find({ where: { backupId: In([...ids]) }, order: { content: 'ASC' } });
      return ids.map((id) => parts.filter((part) => part.backupId === id));
    }),
  };
}
