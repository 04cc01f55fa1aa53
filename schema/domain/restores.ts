import type { Content, Finding, Stage } from './content.js';
import { canRunAgain, type JobStatus } from './jobs.js';
import type { S3Place } from './s3Place.js';
import { mayDo, type Standing } from './roles.js';
import { minuteInWords } from './words.js';

/** What can be done with a restore, in the order in which it is offered. */
export const restoreActions = ['CANCEL', 'RETRY', 'UNDO'] as const;
export type RestoreAction = (typeof restoreActions)[number];

/**
 * How a restore goes about it: `BACKUP` puts a backup back; `SWITCH_BACK` undoes an earlier restore by switching to what
 * that one replaced.
 */
export const restoreWays = ['BACKUP', 'SWITCH_BACK'] as const;
export type RestoreWay = (typeof restoreWays)[number];

/** How long what a restore replaced is kept for undo, in hours. */
export const undoHours = 24;

/** The database before and after the switch. Names are those of databases on the destination’s server. */
export interface DatabaseSwitch {
  /** `host:port`: at another server the names mean other databases. */
  server: string;
  /** The name that the environment uses. */
  live: string;
  /** What is put in its place. */
  staged: string;
  /** What the replaced one is called afterwards. */
  old: string;
  /** Which database bore the live name before, by its OID; null where there was none. */
  liveOid: string | null;
  stagedOid: string;
  /** Set where the environment has given up this address: the sealed address, until what was replaced is dropped. */
  addressSealed?: string;
}

/** The media before and after the switch. Absolute paths; in a bucket what keys go on with behind its prefix. */
export interface MediaSwitch {
  live: string;
  staged: string;
  old: string;
  /** Which folder it was before, as `device:inode`; null where there was none. Of a bucket never null. */
  liveIno: string | null;
  /** The same of the staged one; in a bucket how many objects were staged, and their bytes. */
  stagedIno: string;
  /** Whether the folder itself stays and its entries are moved: it is a mount point, or containers hold it. */
  keepFolder: boolean;
  /** Whose bucket the media lie in; left out where they lie in a folder. */
  bucket?: BucketHeld;
}

/** The bucket that a switch is about; its keys are those of the environment. */
export interface BucketHeld {
  environmentId: string;
  place: S3Place;
}

/** Whether two places in S3 are the same. */
export function isSameS3Place(one: S3Place, other: S3Place): boolean {
  return one.bucket === other.bucket && one.prefix === other.prefix && one.endpoint === other.endpoint;
}

/** What a restore switches, written down before it does: whoever comes after a crash reads here what was meant. */
export interface SwitchJournal {
  database: DatabaseSwitch | null;
  media: MediaSwitch | null;
  /**
   * Whether the database is replaced in place, in one transaction, because the role may not create any: it comes after the
   * media then, which can be switched back.
   */
  inPlace: boolean;
  /** The newest transaction that replaces it, written down before its commit is asked for; absent until then. */
  transaction?: InPlaceTransaction;
  /** Set once what was replaced is being dropped: half of it may be gone. */
  isBeingDropped?: true;
}

/** By what a transaction is known again, whatever becomes of the worker that began it. */
export interface InPlaceTransaction {
  /** `host:port`. */
  server: string;
  /** The name of the database. */
  live: string;
  /** As `txid_current` counts them: never used twice on a server. */
  number: string;
}

/** Whether all that a restore replaced is still there after its switch, so that an undo can switch back. */
export function keepsReplaced({ database, media, inPlace, isBeingDropped }: SwitchJournal): boolean {
  return !inPlace && !isBeingDropped && database?.liveOid !== null && media?.liveIno !== null;
}

/** The facts that decide what is open. */
export interface RestoreState {
  status: JobStatus;
  /** The step under way: from the switch on nothing can be cancelled. */
  phase: string;
  /** Of a failed restore: whether a retry can help. */
  retryable: boolean;
  /** Whether its destination still stands. */
  environmentDeleted: boolean;
  /** Whether the destination can be put back. */
  canUndo: boolean;
}

/** The step in which names are swapped. */
export const switchStep = 'switch';

/** Whether a wish to cancel comes too late. */
export function isSwitching({ status, phase }: Pick<RestoreState, 'status' | 'phase'>): boolean {
  return status === 'RUNNING' && phase === switchStep;
}

/** What this person may do with this restore now: the web app offers exactly this, and mutations refuse the rest. */
export function openRestoreActions(state: RestoreState, standing: Standing): RestoreAction[] {
  const open: RestoreAction[] = [];
  const active = state.status === 'QUEUED' || state.status === 'RUNNING';
  if (active && !isSwitching(state) && mayDo(standing, 'cancelRestore')) open.push('CANCEL');
  if (canRunAgain(state) && !state.environmentDeleted && mayDo(standing, 'retryRestore')) open.push('RETRY');
  if (state.status === 'SUCCEEDED' && state.canUndo && mayDo(standing, 'undoRestore')) open.push('UNDO');
  return open;
}

/** What decides how a restore can be undone. */
export interface UndoFacts {
  status: JobStatus;
  environmentDeleted: boolean;
  /** Whether what it replaced is still there and still what would be switched back to. */
  replacedKept: boolean;
  /** Until when that is kept; milliseconds since 1970, null where nothing was kept. */
  undoUntilMs: number | null;
  /** Whether its safety backup is there, and holds all that was overwritten. */
  safetyBackupUsable: boolean;
  /** Whether a later restore of the same destination has switched since. */
  overtaken: boolean;
}

/**
 * How a restore is undone: by switching back while what it replaced is kept and nothing has come in between, afterwards
 * from its safety backup; null where neither can be.
 */
export function wayToUndo(facts: UndoFacts, nowMs: number): RestoreWay | null {
  if (facts.status !== 'SUCCEEDED' || facts.environmentDeleted) return null;
  // Not in the last minute: what is being dropped cannot be switched back to.
  const inTime = facts.undoUntilMs !== null && nowMs < facts.undoUntilMs - lastMinuteMs;
  if (facts.replacedKept && inTime && !facts.overtaken) return 'SWITCH_BACK';
  return facts.safetyBackupUsable ? 'BACKUP' : null;
}

const lastMinuteMs = 60_000;

/** What must be typed before a destination is overwritten. */
export function restoreConfirmation(projectSlug: string, environmentSlug: string): string {
  return `${projectSlug}/${environmentSlug}`;
}

/** What planning a restore found out at the destination, without touching it. */
export interface RestoreSurvey {
  warnings: Finding[];
  blockers: Finding[];
  /** Seconds, from what restores took before; null where nothing is known. */
  estimatedSeconds: number | null;
}

/** What the API knows by itself when a restore is planned. */
export interface RestorePlanFacts {
  contents: Content[];
  source: {
    where: string;
    stage: Stage;
    projectId: string;
    gitCommit: string | null;
    /** Whether the backup has succeeded. */
    ready: boolean;
    /** What the backup holds. */
    contents: Content[];
  };
  destination: {
    where: string;
    stage: Stage;
    projectId: string;
    gitCommit: string | null;
    deleted: boolean;
    hasDatabase: boolean;
    hasMedia: boolean;
  };
  /** The id of a restore of the destination that is under way. */
  restoreUnderWay: string | null;
  /** How many backups of the destination are under way. */
  backupsUnderWay: number;
}

const contentInWords: Record<Content, string> = { DATABASE: 'database', MEDIA: 'media' };

/** What stands against a restore, and what a careful person should know, as far as the catalogue tells. */
export function planFindings(facts: RestorePlanFacts): Pick<RestoreSurvey, 'warnings' | 'blockers'> {
  const { source, destination, contents } = facts;
  const warnings: Finding[] = [];
  const blockers: Finding[] = [];
  const what = contents.map((content) => contentInWords[content]).join(' and ');
  if (destination.deleted) {
    blockers.push({ code: 'DESTINATION_GONE', message: 'The destination was deleted: choose another one.' });
    return { warnings, blockers };
  }
  if (!source.ready) {
    blockers.push({
      code: 'NOT_READY',
      message: 'Only a backup that has succeeded can be restored: choose another one.',
    });
  }
  if (contents.length === 0) {
    blockers.push({ code: 'NOTHING_CHOSEN', message: 'Choose the database, the media or both.' });
    return { warnings, blockers };
  }
  for (const content of contents) {
    if (!source.contents.includes(content)) {
      blockers.push({
        code: `NO_${content}_IN_BACKUP`,
        message: `This backup does not hold the ${contentInWords[content]}: choose what it holds, or another backup.`,
      });
    }
    const has = content === 'DATABASE' ? destination.hasDatabase : destination.hasMedia;
    if (has) continue;
    blockers.push({
      code: `NO_${content}`,
      message: `${destination.where} has no ${contentInWords[content]} configured: add it in the environment’s settings, or leave it out.`,
    });
  }
  if (facts.restoreUnderWay !== null) {
    blockers.push({
      code: 'RESTORE_UNDER_WAY',
      message: `Another restore of ${destination.where} is under way (${facts.restoreUnderWay}): wait for it or cancel it first.`,
    });
  }
  warnings.push({
    code: 'OVERWRITES',
    message: `The present ${what} of ${destination.where} will be replaced. A safety backup is made first.`,
  });
  if (source.projectId !== destination.projectId) {
    warnings.push({
      code: 'OTHER_PROJECT',
      message: `The backup is of another project (${source.where}): its data, accounts and secrets come along.`,
    });
  }
  if (source.stage === 'TEST' && destination.stage === 'LIVE') {
    warnings.push({
      code: 'TEST_OVER_LIVE',
      message: `Test data (${source.where}) will go live at ${destination.where}.`,
    });
  }
  if (source.stage === 'LIVE' && destination.stage === 'TEST') {
    warnings.push({
      code: 'LIVE_INTO_TEST',
      message: `Live data (${source.where}) will be in a test environment: what it holds may send mail, charge cards or call other systems.`,
    });
  }
  if (source.gitCommit && destination.gitCommit && source.gitCommit !== destination.gitCommit) {
    warnings.push({
      code: 'OTHER_COMMIT',
      message: `The backup belongs to commit ${source.gitCommit.slice(0, 12)}, ${destination.where} runs ${destination.gitCommit.slice(0, 12)}: the code may not fit the data.`,
    });
  }
  if (facts.backupsUnderWay === 1) {
    warnings.push({
      code: 'JOBS_UNDER_WAY',
      message: `A backup of ${destination.where} is under way: the restore begins after it.`,
    });
  } else if (facts.backupsUnderWay > 1) {
    warnings.push({
      code: 'JOBS_UNDER_WAY',
      message: `${facts.backupsUnderWay} backups of ${destination.where} are under way: the restore begins after them.`,
    });
  }
  return { warnings, blockers };
}

/** A restore’s source in words: it stays when the source is gone. */
export function sourceInWords(where: string, takenAt: Date, note: string): string {
  return [where, minuteInWords(takenAt), note].filter(Boolean).join(', ');
}
