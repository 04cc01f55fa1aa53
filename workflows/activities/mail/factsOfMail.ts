import { filePath, type Content } from '#schema/domain';
import { DownloadFile, type Download, type User } from '#schema/entities';
import type { MailFacts } from './mailFacts.js';
import type { MailTools } from './mailTools.js';

const order: Content[] = ['DATABASE', 'MEDIA'];

/** What the mail about a download tells this person. */
export async function factsOfMail(
  { catalogue, publicUrl, mail }: Pick<MailTools, 'catalogue' | 'publicUrl' | 'mail'>,
  download: Download,
  user: User,
): Promise<MailFacts> {
  const { id: downloadId, project, environment, sourceBackup, expiresAt } = download;
  if (!project || !environment || !expiresAt) throw new Error('The download has no project or no end');
  const root = publicUrl.replace(/\/+$/, '');
  const files = await catalogue.getRepository(DownloadFile).findBy({ downloadId });
  files.sort((a, b) => order.indexOf(a.content) - order.indexOf(b.content) || (a.name < b.name ? -1 : 1));
  const key = (name: string) =>
    mail.openLinks
      ? `?key=${mail.openLinks.sign({ downloadId, name, untilMs: expiresAt.getTime(), minted: null })}`
      : '';
  return {
    name: user.name,
    project: project.name,
    environment: environment.name,
    stage: environment.stage,
    takenAt: sourceBackup?.takenAt ?? null,
    note: sourceBackup?.note ?? '',
    commit: sourceBackup?.gitCommit ?? null,
    files: files.map(({ name, content, size, sha256 }) => ({
      name,
      content,
      size,
      sha256,
      link: `${root}${filePath(downloadId, name)}${key(name)}`,
    })),
    expiresAt,
    isOpen: mail.openLinks !== null,
    page: `${root}/projects/${project.slug}/downloads/${downloadId}`,
  };
}
