/** What an environment has that can be backed up. */
export const contents = ['DATABASE', 'MEDIA'] as const;
export type Content = (typeof contents)[number];

/** Which server an environment is. */
export const stages = ['LIVE', 'TEST'] as const;
export type Stage = (typeof stages)[number];

/** Why a backup was made. */
export const backupKinds = ['SCHEDULED', 'ON_DEMAND', 'SAFETY'] as const;
export type BackupKind = (typeof backupKinds)[number];

/** A remark with a stable code, for scripts, and a sentence, for people. */
export interface Finding {
  code: string;
  message: string;
}
