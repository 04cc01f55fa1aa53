import type { Content, Stage } from '#schema/domain';

/** A file as a mail tells of it. */
export interface MailedFile {
  name: string;
  content: Content;
  /** Bytes. */
  size: number;
  /** Hex SHA-256. */
  sha256: string;
  /** Where it is had. */
  link: string;
}

/** What a mail about a download tells. */
export interface MailFacts {
  /** What the person is called. */
  name: string;
  project: string;
  environment: string;
  stage: Stage;
  /** What the backup is a picture of; null once its record is gone. */
  takenAt: Date | null;
  /** What a person wrote about the backup; empty where nobody did. */
  note: string;
  commit: string | null;
  files: MailedFile[];
  expiresAt: Date;
  /** Whether the links work without a sign-in. */
  isOpen: boolean;
  /** The download’s own page. */
  page: string;
}
