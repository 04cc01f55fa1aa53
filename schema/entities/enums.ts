import { registerEnumType } from 'type-graphql';
import {
  backupActions,
  backupKinds,
  contents,
  downloadActions,
  environmentActions,
  errorCodes,
  jobKinds,
  jobStatuses,
  mailStates,
  projectActions,
  projectEventKinds,
  restoreActions,
  roles,
  stages,
} from '#schema/domain';

/** An object with each word as its own key: what type-graphql takes for an enum. */
function asEnum<Word extends string>(words: readonly Word[]): { [Each in Word]: Each } {
  return Object.fromEntries(words.map((word) => [word, word])) as { [Each in Word]: Each };
}

export const RoleEnum = asEnum(roles);
export const StageEnum = asEnum(stages);
export const ContentEnum = asEnum(contents);
export const JobKindEnum = asEnum(jobKinds);
export const JobStatusEnum = asEnum(jobStatuses);
export const BackupKindEnum = asEnum(backupKinds);
export const BackupActionEnum = asEnum(backupActions);
export const RestoreActionEnum = asEnum(restoreActions);
export const DownloadActionEnum = asEnum(downloadActions);
export const MailStateEnum = asEnum(mailStates);
export const ProjectActionEnum = asEnum(projectActions);
export const EnvironmentActionEnum = asEnum(environmentActions);
export const ErrorCodeEnum = asEnum(errorCodes);
export const ProjectEventKindEnum = asEnum(projectEventKinds);

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a member may do in a project. Each role may do what the ones before it may.',
  valuesConfig: {
    VIEWER: { description: 'See projects, backups and jobs.' },
    OPERATOR: {
      description:
        'Also create, cancel, retry and annotate backups, prepare, cancel, retry and revoke downloads, and record deployments.',
    },
    ADMIN: { description: 'Also restore onto the project’s environments, and change them and its members.' },
  },
});
registerEnumType(StageEnum, {
  name: 'Stage',
  description: 'Which server an environment is: the two labels that users see on every backup.',
});
registerEnumType(ContentEnum, { name: 'Content', description: 'What of an environment is backed up.' });
registerEnumType(JobKindEnum, { name: 'JobKind', description: 'What a job does.' });
registerEnumType(JobStatusEnum, { name: 'JobStatus', description: 'Where a job stands.' });
registerEnumType(BackupKindEnum, {
  name: 'BackupKind',
  description: 'Why a backup was made.',
  valuesConfig: {
    SAFETY: { description: 'Taken automatically before a restore overwrites its destination.' },
  },
});
registerEnumType(BackupActionEnum, { name: 'BackupAction', description: 'What can be done with a backup.' });
registerEnumType(RestoreActionEnum, {
  name: 'RestoreAction',
  description: 'What can be done with a restore.',
});
registerEnumType(DownloadActionEnum, {
  name: 'DownloadAction',
  description: 'What can be done with a download.',
});
registerEnumType(MailStateEnum, {
  name: 'MailState',
  description: 'Where the mail about a download stands.',
  valuesConfig: {
    PENDING: { description: 'It waits for the download, or for the mail server.' },
    SENT: { description: 'The mail server has taken it.' },
    UNCERTAIN: {
      description:
        'It was handed over whole and the mail server’s answer was lost: most likely it arrived. It is not sent again by itself.',
    },
    FAILED: {
      description: 'The mail server will not take it, or the person may not have the files any more.',
    },
  },
});
registerEnumType(ProjectActionEnum, {
  name: 'ProjectAction',
  description: 'What can be done with a project.',
  valuesConfig: {
    CREATE_ENVIRONMENT: { description: '`createEnvironment`.' },
    SET_MEMBER: { description: '`setMember` for anybody: add, change, take out.' },
    LEAVE: { description: '`setMember` with the caller’s own address and null.' },
  },
});
registerEnumType(EnvironmentActionEnum, {
  name: 'EnvironmentAction',
  description: 'What can be done with an environment.',
});
registerEnumType(ErrorCodeEnum, { name: 'ErrorCode', description: 'Stable codes of refusals.' });
registerEnumType(ProjectEventKindEnum, {
  name: 'ProjectEventKind',
  description: 'What changed in a project.',
});
