import type { DataSource } from 'typeorm';

/** Counts what the catalogue is asked from now on; the answer ends it. */
export function countQueries({ driver }: DataSource): () => number {
  const created = driver.createQueryRunner.bind(driver);
  let queries = 0;
  driver.createQueryRunner = (mode) => {
    const runner = created(mode);
    const ask = runner.query.bind(runner);
    runner.query = (...words: Parameters<typeof ask>) => {
      queries += 1;
      return ask(...words);
    };
    return runner;
  };
  return () => {
    driver.createQueryRunner = created;
    return queries;
  };
}
