import { QueryFailedError } from 'typeorm';

/** Whether PostgreSQL refused a row because another one has its unique value. */
export function isUniqueViolation(error: unknown): boolean {
  const driver: unknown = error instanceof QueryFailedError ? error.driverError : null;
  return typeof driver === 'object' && driver !== null && 'code' in driver && driver.code === '23505';
}
