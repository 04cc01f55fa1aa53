/**
 * Every way in which a job can fail. `transient` ones are tried again for a while before the job is FAILED;
 * `retryable` ones can be helped by `retryJob` once the cause is mended; `remedy` says what to mend.
 */
export const failures = {
  DATABASE_UNREACHABLE: {
    transient: true,
    retryable: true,
    remedy:
      'Check that the database server runs and that its address in the environment’s settings is right, then retry.',
  },
  DATABASE_AUTHENTICATION: {
    transient: false,
    retryable: true,
    remedy: 'Correct the user name or password in the environment’s settings, then retry.',
  },
  DATABASE_PERMISSION: {
    transient: false,
    retryable: true,
    remedy: 'Grant the environment’s role the right to read what is named, then retry.',
  },
  DATABASE_LOCKED: {
    transient: false,
    retryable: true,
    remedy: 'Wait for, or end, the session that holds the lock, then retry.',
  },
  DATABASE_VERSION: {
    transient: false,
    retryable: true,
    remedy: 'Install the PostgreSQL client tools of the server’s major version on the worker, then retry.',
  },
  DATABASE_DUMP_FAILED: {
    transient: false,
    retryable: true,
    remedy: 'Mend what pg_dump reports, then retry.',
  },
  DATABASE_RESTORE_FAILED: {
    transient: false,
    retryable: true,
    remedy: 'Mend what pg_restore reports, then retry.',
  },
  MEDIA_NOT_FOUND: {
    transient: false,
    retryable: true,
    remedy: 'Create the folder or correct the media folder in the environment’s settings, then retry.',
  },
  MEDIA_UNREADABLE: {
    transient: false,
    retryable: true,
    remedy: 'Let the worker’s user read the media folder, then retry.',
  },
  MEDIA_RESTORE_FAILED: {
    transient: false,
    retryable: true,
    remedy: 'Mend what is named, then retry.',
  },
  STORAGE_UNREACHABLE: {
    transient: true,
    retryable: true,
    remedy: 'Check that the backup storage is there and may be written to, then retry.',
  },
  STORAGE_AUTHENTICATION: {
    transient: false,
    retryable: true,
    remedy: 'Correct the storage’s credentials or permissions, then retry.',
  },
  STORAGE_FULL: {
    transient: false,
    retryable: true,
    remedy: 'Free or add space on the backup storage, then retry.',
  },
  BACKUP_DAMAGED: {
    transient: false,
    retryable: false,
    remedy: 'Use another backup: this one’s stored bytes are not what was written.',
  },
  BACKUP_GONE: {
    transient: false,
    retryable: false,
    remedy: 'Use another backup: this one is no longer there.',
  },
  DESTINATION_GONE: {
    transient: false,
    retryable: false,
    remedy: 'The environment was deleted: choose another one.',
  },
  DESTINATION_FULL: {
    transient: false,
    retryable: true,
    remedy: 'Free or add space at the destination, then retry.',
  },
  SAFETY_BACKUP_FAILED: {
    transient: false,
    retryable: true,
    remedy: 'Mend what made the safety backup fail, then retry.',
  },
  STALLED: {
    transient: true,
    retryable: true,
    remedy: 'Check the database, the media and the storage for what made no progress, then retry.',
  },
  INTERNAL: {
    transient: true,
    retryable: true,
    remedy: 'Retry; if it fails again, give support staff the job’s id.',
  },
} as const satisfies Record<string, { transient: boolean; retryable: boolean; remedy: string }>;

export type FailureCode = keyof typeof failures;

/** Narrows any text to a failure code; what is unknown is INTERNAL. */
export function toFailureCode(text: string | null | undefined): FailureCode {
  return text && Object.hasOwn(failures, text) ? (text as FailureCode) : 'INTERNAL';
}

/** What is kept of a failure: a stable code, the step, what happened and what to do. */
export interface Failure {
  code: FailureCode;
  message: string;
  retryable: boolean;
}

/**
 * Puts a failure into words for people: the step that failed, what happened, what to do.
 * `what` is one sentence without secrets; `ownRemedy` stands in for the code’s remedy where that would mislead.
 */
export function describeFailure(code: FailureCode, step: string, what: string, ownRemedy?: string): Failure {
  const { retryable } = failures[code];
  const remedy = ownRemedy ?? failures[code].remedy;
  const sentence = asSentence(what) || 'It failed without a word.';
  return { code, retryable, message: `${stepInWords(step)}: ${sentence} ${remedy}` };
}

const longestSentence = 2_000;

/** One sentence with one full stop; what is longer than anybody reads is cut. */
function asSentence(what: string): string {
  let text = what.trim().slice(0, longestSentence);
  while (/[.\s]$/.test(text)) text = text.slice(0, -1);
  if (!text) return '';
  return /[?!…]$/.test(text) ? text : `${text}.`;
}

/** A phase as people read it, e.g. `Step “database”`. */
export function stepInWords(step: string): string {
  return `Step “${step}”`;
}
