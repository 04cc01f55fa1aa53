import DataLoader from 'dataloader';
import { In, type DataSource } from 'typeorm';
import { Backup, Environment, User } from '#schema/entities';

/** Rows as they are now: everything that is asked for in one moment is read at once, and nothing is remembered. */
export interface Rows {
  backup: DataLoader<string, Backup | null>;
  environment: DataLoader<string, Environment | null>;
  user: DataLoader<string, User | null>;
}

/** Readers of rows for as long as the server runs. */
export function createRows(catalogue: DataSource): Rows {
  const byId = <Row extends { id: string }>(entity: new () => Row) =>
    new DataLoader<string, Row | null>(
      async (ids) => {
        const found = (await catalogue
          .getRepository<{ id: string }>(entity)
          .findBy({ id: In([...new Set(ids)]) })) as Row[];
        const rows = new Map(found.map((row) => [row.id, row]));
        return ids.map((id) => rows.get(id) ?? null);
      },
      { cache: false },
    );
  return { backup: byId(Backup), environment: byId(Environment), user: byId(User) };
}
