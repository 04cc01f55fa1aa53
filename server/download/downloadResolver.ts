import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import { mayDo, openDownloadActions, type DownloadAction, type MailState } from '#schema/domain';
import {
  Backup,
  DateTime,
  Download,
  DownloadActionEnum,
  DownloadFile,
  Environment,
  MailStateEnum,
  Project,
  type DownloadMail,
} from '#schema/entities';
import { connectionOf, readPage, type Page } from '../graph/connection.js';
import type { Context } from '../graph/context.js';
import { PageArgs } from '../graph/pageArgs.js';
import { answer } from '../graph/payload.js';
import { RestoreSource } from '../restore/restoreInputs.js';
import { DownloadUse, PrepareDownloadInput, PrepareDownloadPayload } from './downloadInputs.js';
import { isAliveNow, lifeOf } from './isAliveNow.js';
import { mintAddress } from './mintAddress.js';
import { prepareDownload } from './prepareDownload.js';
import { reissueDownload } from './reissueDownload.js';
import { revokeDownload } from './revokeDownload.js';

const { Connection: DownloadConnection } = connectionOf(Download, 'Download');

/** Downloads: asking for them, ending them, and what a row shows. */
@Resolver(() => Download)
export class DownloadResolver {
  @Mutation(() => PrepareDownloadPayload, {
    description:
      'Asks for files of a backup. It answers at once; follow it by `jobChanged`. Who asks for the same as somebody before joins that download while it is being prepared or its files are there.',
  })
  async prepareDownload(
    @Ctx() context: Context,
    @Arg('input', () => PrepareDownloadInput) input: PrepareDownloadInput,
  ): Promise<PrepareDownloadPayload> {
    context.signedIn();
    return answer(async () => ({ download: await prepareDownload(context, input) }));
  }

  @Mutation(() => PrepareDownloadPayload, {
    description: 'Takes the files of a download back before their time: no link to them works any more.',
  })
  async revokeDownload(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
  ): Promise<PrepareDownloadPayload> {
    context.signedIn();
    return answer(async () => ({ download: await revokeDownload(context, id) }));
  }

  @Mutation(() => PrepareDownloadPayload, {
    description:
      'Makes an expired or revoked download anew: another download of the same, with a mail to the caller.',
  })
  async reissueDownload(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
  ): Promise<PrepareDownloadPayload> {
    context.signedIn();
    return answer(async () => ({ download: await reissueDownload(context, id) }));
  }

  @FieldResolver(() => Environment, { nullable: true, description: 'Null for a legacy backup.' })
  async environment(@Root() download: Download, @Ctx() context: Context): Promise<Environment | null> {
    return context.loaders.environment.load(download.environmentId);
  }

  @FieldResolver(() => RestoreSource, {
    nullable: true,
    description: 'Null once it is deleted, or where the caller may not see it.',
  })
  async source(@Root() download: Download, @Ctx() context: Context): Promise<Backup | null> {
    const id = download.sourceBackupId;
    return id ? context.access.shown(await context.loaders.backup.load(id)) : null;
  }

  @FieldResolver(() => [DownloadFile], {
    description: 'Empty until SUCCEEDED, and again once expired or revoked.',
  })
  async files(@Root() download: Download, @Ctx() context: Context): Promise<DownloadFile[]> {
    return isAliveNow(download) ? context.loaders.filesOfDownload.load(download.id) : [];
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The caller’s own address where a mail was asked for: each person who asks for the same download gets one mail.',
  })
  async emailedTo(@Root() download: Download, @Ctx() context: Context): Promise<string | null> {
    return (await ownMail(download, context)) ? context.signedIn().user.email : null;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When the mail server took the caller’s own mail; null until then.',
  })
  async emailedAt(@Root() download: Download, @Ctx() context: Context): Promise<Date | null> {
    return (await ownMail(download, context))?.sentAt ?? null;
  }

  @FieldResolver(() => MailStateEnum, {
    nullable: true,
    description: 'Where the caller’s own mail stands; null where none was asked for.',
  })
  async mailState(@Root() download: Download, @Ctx() context: Context): Promise<MailState | null> {
    return (await ownMail(download, context))?.state ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why the caller’s own mail waits, or why it was given up.',
  })
  async mailProblem(@Root() download: Download, @Ctx() context: Context): Promise<string | null> {
    return (await ownMail(download, context))?.problem ?? null;
  }

  @FieldResolver(() => [DownloadUse], {
    description: 'Its newest 20 uses, newest first; empty for callers who may not download.',
  })
  async uses(@Root() download: Download, @Ctx() context: Context): Promise<DownloadUse[]> {
    const standing = await context.access.standing(download.projectId);
    return mayDo(standing, 'download') ? context.loaders.usesOfDownload.load(download.id) : [];
  }

  @FieldResolver(() => [DownloadActionEnum], {
    description: 'What the caller may do with it now: the web app offers exactly this.',
  })
  async can(@Root() download: Download, @Ctx() context: Context): Promise<DownloadAction[]> {
    const id = download.sourceBackupId;
    const source = id ? await context.loaders.backup.load(id) : null;
    const retryable = download.failure?.retryable ?? false;
    return openDownloadActions(
      { ...lifeOf(download), retryable, sourceThere: source?.status === 'SUCCEEDED' },
      await context.access.standing(download.projectId),
      Date.now(),
    );
  }
}

/** What a file of a download shows. */
@Resolver(() => DownloadFile)
export class DownloadFileResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Absolute, minted for the caller: works without further sign-in for 15 minutes and supports byte ranges; null for callers who may not download. (The links in the e-mail are stable and ask for sign-in.)',
  })
  async url(@Root() file: DownloadFile, @Ctx() context: Context): Promise<string | null> {
    const download = await context.loaders.download.load(file.downloadId);
    if (!download || !isAliveNow(download)) return null;
    const standing = await context.access.standing(download.projectId);
    return mayDo(standing, 'download') ? mintAddress(context.tools, context.signedIn(), file) : null;
  }
}

/** A project’s downloads. */
@Resolver(() => Project)
export class ProjectDownloadsResolver {
  @FieldResolver(() => Int, { description: 'For how many hours the files of a download stay.' })
  downloadHours(@Ctx() context: Context): number {
    return context.tools.settings.HOLDFAST_DOWNLOAD_HOURS;
  }

  @FieldResolver(() => DownloadConnection, {
    description: 'Downloads of its backups, newest first; also those that have ended.',
  })
  async downloads(
    @Root() project: Project,
    @Ctx() context: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Page<Download>> {
    const query = context.catalogue
      .getRepository(Download)
      .createQueryBuilder('download')
      .where('download.projectId = :projectId', { projectId: project.id });
    return readPage(query, args, 'createdAt', ({ createdAt }) => createdAt);
  }
}

/** The mail about this download to the caller; null where they asked for none. */
async function ownMail(download: Download, context: Context): Promise<DownloadMail | null> {
  const mails = await context.loaders.mailsOfDownload.load(download.id);
  if (mails.length === 0) return null;
  const { user } = context.signedIn();
  return mails.find(({ userId }) => userId === user.id) ?? null;
}
