import type { DataSource } from 'typeorm';

const undefinedTable = '42P01';

/**
 * Why this code cannot work with the catalogue as it is: migrations that have not run, or some of a newer Holdfast.
 * Null where both are of the same form. Throws where the catalogue does not answer.
 */
export async function migrationProblem(catalogue: DataSource): Promise<string | null> {
  const known = catalogue.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const run = await namesRun(catalogue);
  const missing = known.filter((name) => !run.includes(name));
  const newer = run.filter((name) => !known.includes(name));
  if (missing.length > 0) return `migrations of the catalogue that have not run: ${missing.join(', ')}`;
  return newer.length > 0 ? `a newer Holdfast: the catalogue has ${newer.join(', ')}` : null;
}

async function namesRun(catalogue: DataSource): Promise<string[]> {
  try {
    const rows: Array<{ name: string }> = await catalogue.query('SELECT name FROM holdfast_migrations');
    return rows.map(({ name }) => name);
  } catch (error: unknown) {
    if ((error as { code?: unknown }).code === undefinedTable) return [];
    throw error;
  }
}
