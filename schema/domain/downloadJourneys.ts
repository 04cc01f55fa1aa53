import type { Content } from './content.js';
import type { MailState } from './downloads.js';
import type { Failure } from './failures.js';

/** What `prepareDownload` is told: ids only. */
export interface PrepareDownloadOrder {
  downloadId: string;
}

/** What a run of `prepareDownload` ends with. */
export interface PrepareDownloadOutcome {
  downloadId: string;
  status: 'SUCCEEDED' | 'CANCELED';
}

/** What claiming a download’s row answers: which run did it, and what is to be done. */
export interface DownloadClaim {
  ranIn: string;
  /** Set where an earlier run has done it: there is nothing left to do. */
  alreadyDone: PrepareDownloadOutcome | null;
  /** Whether a person cancelled before the run began. */
  canceled: boolean;
  /** Whether an earlier run had the download, or a person asked to run it again. */
  again: boolean;
  contents: Content[];
  /** How long what is away is waited for, in milliseconds. */
  outagePatienceMs: number;
  /** The backup’s environment, for current details, e.g. `shop/live`. */
  where: string;
}

/** Which attempt of which run a step of a download belongs to. */
export interface DownloadStepOrder {
  downloadId: string;
  claimedIn: string;
  /** 1, 2, … within the run. */
  attempt: number;
}

/** A file that is ready to be had. */
export interface PreparedFile {
  content: Content;
  /** Under which name it is saved. */
  name: string;
  /** Where it lies in storage: a backup’s own object, or one that was made for the download. */
  key: string;
  /** Bytes. */
  size: number;
  /** Hex SHA-256. */
  sha256: string;
}

/** What recording is told. */
export interface RecordDownloadOrder {
  downloadId: string;
  claimedIn: string;
  files: PreparedFile[];
}

/** What is recorded when a run ends without files. `failure` null: cancelled. */
export interface SettleDownloadOrder {
  downloadId: string;
  claimedIn: string;
  failure: Failure | null;
}

/** What `mailDownload` is told: the id of the mail. */
export interface MailDownloadOrder {
  mailId: string;
}

/** What `mailDownload` ends with. */
export interface MailDownloadOutcome {
  mailId: string;
  /** The run whose activity found this out. */
  ranIn: string;
  /** Where the mail stands; null where its record is gone. */
  state: MailState | null;
  /** Why it did not go, in one sentence without secrets. */
  problem: string | null;
}
