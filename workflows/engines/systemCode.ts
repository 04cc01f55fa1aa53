/** The code that the operating system, a database or Node gave an error, e.g. `ENOSPC`. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
