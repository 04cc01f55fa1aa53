import { QueryFailedError } from 'typeorm';

/** Whether PostgreSQL refused a row because another one has its unique value; of this index, where one is named. */
export function isUniqueViolation(error: unknown, index?: string): boolean {
  const driver: unknown = error instanceof QueryFailedError ? error.driverError : null;
  if (typeof driver !== 'object' || driver === null || !('code' in driver) || driver.code !== '23505')
    return false;
  return index === undefined || ('constraint' in driver && driver.constraint === index);
}
