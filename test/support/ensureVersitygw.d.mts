/** Where the S3 server of the tests is on this machine, or undefined. */
export function findVersitygw(): string | undefined;
