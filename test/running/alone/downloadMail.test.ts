import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { Downloads, type DownloadSeen } from '../../support/downloads.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { Mailbox } from '../../support/mailbox.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { killAndAwait } from '../../support/processes.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { asSuperuser } from '../../support/superuser.js';
import { Temporal } from '../../support/temporal.js';
import { until } from '../../support/until.js';

const both = ['DATABASE', 'MEDIA'];
let holdfast: RunningHoldfast;
let mailbox: Mailbox;
let graphql: string;
let admin: Api;
let catalogue: DataSource;
let databases: Databases;
let temporal: Temporal;
let folder: string;
let project: string;
let source: string;
/** Whoever asks in a test: an operator of the project, who has asked for nothing yet. */
let asker: Asker;

interface Asker {
  email: string;
  downloads: Downloads;
}

beforeAll(async () => {
  mailbox = await Mailbox.make();
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    SMTP_URL: mailbox.url,
  });
  const ready = await holdfast.ready();
  ({ graphql } = ready);
  admin = new Api(graphql, ready.token);
  catalogue = await openCatalogue(holdfast.data);
  databases = await Databases.of(holdfast.data);
  temporal = await Temporal.of(ready);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-mail-'));
  const directory = path.join(folder, 'media');
  await mkdir(directory);
  await writeFile(path.join(directory, 'one.txt'), 'one');
  project = await makeProject(admin, 'download-mail');
  const environmentId = await makeEnvironment(admin, project, 'site', {
    databaseUrl: (await databases.make('download_mail')).url,
    media: { directory },
  });
  ({ id: source } = await admin.untilBackup(await admin.createBackup(environmentId, both), ['SUCCEEDED']));
});

afterAll(async () => {
  await temporal.close();
  await catalogue.destroy();
  await holdfast.stop();
  await mailbox.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  // Else the next one would join.
  await databases.catalogue(`UPDATE downloads SET revoked_at = now() WHERE revoked_at IS NULL`);
  asker = await newAsker();
  await mailbox.open();
});

async function newAsker(): Promise<Asker> {
  const { token, email } = await newPerson(catalogue, { roles: { [project]: 'OPERATOR' } });
  return { email, downloads: new Downloads(new Api(graphql, token)) };
}

/** The workflow that mails a download to somebody. */
async function mailOf(downloadId: string, { email } = asker): Promise<string> {
  const [mail] = await databases.catalogue<{ id: string }>(
    `SELECT mail.id FROM download_mails mail JOIN users person ON person.id = mail.user_id
     WHERE download_id = $1 AND person.email = $2`,
    [downloadId, email],
  );
  return `mail/${mail?.id}`;
}

/** Waits until the asker’s mail stands like this, and its workflow has ended where it is settled. */
async function untilMail(id: string, state: string, who = asker): Promise<DownloadSeen> {
  return until(`the mail is ${state}`, 90_000, async () => {
    const download = await who.downloads.look(id);
    if (download.mailState !== state) return null;
    const { status } = await temporal.look(await mailOf(id, who));
    return status === 'RUNNING' ? null : download;
  });
}

/** Waits until the mail server was away for an attempt. */
async function untilWaiting(id: string): Promise<DownloadSeen> {
  return until('the mail waits', 60_000, async () => {
    const download = await asker.downloads.look(id);
    return download.mailProblem === null ? null : download;
  });
}

/** Resets a workflow that has ended at each of its tasks, the last one first, and waits for the end of each run. */
async function resetEverywhere(workflow: string, tasks: number): Promise<void> {
  expect(await temporal.resetPoints(workflow)).toHaveLength(tasks);
  for (let task = tasks - 1; task >= 0; task -= 1) {
    const point = (await temporal.resetPoints(workflow)).at(task);
    const runId = await temporal.reset(workflow, point ?? expect.fail('there is no such task'));
    await until(`the run reset at task ${task} has completed`, 60_000, async () => {
      const newest = await temporal.look(workflow);
      return newest.runId === runId && newest.status === 'COMPLETED';
    });
  }
}

/** The people whose mails about a download came whole, in order. */
const recipients = async (id: string) => (await mailbox.about(id)).map(({ to }) => to);

test('a mail server that is away delays the mail alone', async () => {
  await mailbox.close();
  const id = await asker.downloads.begin(source, both, true);
  const waiting = await untilWaiting(id);
  expect(waiting).toMatchObject({
    status: 'SUCCEEDED',
    mailState: 'PENDING',
    mailProblem: 'The mail server takes no connections (ECONNREFUSED).',
  });
  expect((await asker.downloads.fetchFiles(waiting)).map(({ content }) => content)).toEqual(both);
  // Whatever runs meanwhile begins no second one.
  const [first] = await temporal.resetPoints(`download/${id}`);
  await temporal.reset(`download/${id}`, first ?? expect.fail('it has no task'));
  await mailbox.open();
  const { mailProblem } = await untilMail(id, 'SENT');
  expect(mailProblem).toBeNull();
  const [mail, ...more] = await mailbox.about(id);
  expect(mail?.to).toBe(asker.email);
  for (const { name } of waiting.files) expect(mail?.text).toContain(`/files/${id}/${name}`);
  expect(more).toEqual([]);
});

describe('a worker killed while it hands a mail over', () => {
  test('before the last byte: it is sent once', async () => {
    // So that its row can be held before anybody comes as far as to send it.
    await mailbox.close();
    const id = await asker.downloads.begin(source, ['DATABASE'], true);
    await untilWaiting(id);
    const [, mailId] = (await mailOf(id)).split('/');
    const hold = 'SELECT FROM download_mails WHERE id = $1 FOR UPDATE';
    await databases.whileLocked(hold, [mailId], async () => {
      await mailbox.open();
      const backend = await until('all but the last byte is there', 60_000, handingOver);
      await killAndAwait(holdfast, 'worker');
      await asSuperuser(holdfast.data, (client) =>
        client.query('SELECT pg_terminate_backend($1)', [backend]),
      );
    });
    expect(await recipients(id)).toEqual([]);
    await untilMail(id, 'SENT');
    expect(await recipients(id)).toEqual([asker.email]);
  });

  test('while the mail server holds its answer: it is not sent again by itself, but when it is asked for', async () => {
    let free = () => {};
    await mailbox.open(() => new Promise((resolve) => (free = resolve)));
    const id = await asker.downloads.begin(source, ['DATABASE'], true);
    await until('the mail has come whole', 60_000, async () => (await mailbox.about(id)).length === 1);
    await killAndAwait(holdfast, 'worker');
    free();
    const { mailProblem, files } = await untilMail(id, 'UNCERTAIN');
    expect(mailProblem).toContain('most likely arrived');
    expect(files).toHaveLength(1);
    await resetEverywhere(await mailOf(id), 2);
    expect(await recipients(id)).toEqual([asker.email]);

    await mailbox.open();
    expect(await asker.downloads.begin(source, ['DATABASE'], true)).toBe(id);
    await untilMail(id, 'SENT');
    const [first, second, ...more] = await mailbox.about(id);
    expect(second?.messageId).not.toBe(first?.messageId);
    expect(more).toEqual([]);
  });

  /** The catalogue’s process that waits to let the last byte of a mail go. */
  async function handingOver(): Promise<number | null> {
    const [waiting] = await databases.catalogue<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE download_mails SET handed_at%'`,
    );
    return waiting?.pid ?? null;
  }
});

test('once sent, a reset at any task of the mail or of its download sends nothing again', async () => {
  const id = await asker.downloads.begin(source, both, true);
  await untilMail(id, 'SENT');
  await resetEverywhere(await mailOf(id), 2);
  // Claim, database, media, record, end.
  await resetEverywhere(`download/${id}`, 5);
  const { status, files } = await untilMail(id, 'SENT');
  expect(status).toBe('SUCCEEDED');
  expect(files).toHaveLength(2);
  expect(await recipients(id)).toEqual([asker.email]);
  // Nor does asking once more.
  expect(await asker.downloads.begin(source, both, true)).toBe(id);
  await untilMail(id, 'SENT');
  expect(await recipients(id)).toEqual([asker.email]);
});

test('everybody who asks for the same joins one download, and has one mail', async () => {
  const others = await Promise.all([newAsker(), newAsker()]);
  const all = [asker, ...others];
  const ids = await Promise.all(all.map(({ downloads }) => downloads.begin(source, both, true)));
  const [id = '', ...more] = new Set(ids);
  expect(more).toEqual([]);
  for (const each of all) await untilMail(id, 'SENT', each);
  // And whoever comes when it is there already.
  const late = await newAsker();
  expect(await late.downloads.begin(source, both, true)).toBe(id);
  await untilMail(id, 'SENT', late);
  expect((await recipients(id)).sort()).toEqual([...all, late].map(({ email }) => email).sort());
});

test('whoever is no member any more when it could be sent has none', async () => {
  await mailbox.close();
  const id = await asker.downloads.begin(source, both, true);
  await untilWaiting(id);
  const stays = await newAsker();
  await stays.downloads.begin(source, both, true);
  const workflow = await mailOf(id);
  await databases.catalogue(
    `DELETE FROM members USING users WHERE users.id = members.user_id AND users.email = $1`,
    [asker.email],
  );
  await mailbox.open();
  await untilMail(id, 'SENT', stays);
  await until('the mail was given up', 60_000, async () => {
    return (await temporal.look(workflow)).status === 'FAILED';
  });
  expect(await temporal.look(workflow)).toMatchObject({
    failureMessage: 'This person may not download from the project any more.',
  });
  expect(await recipients(id)).toEqual([stays.email]);
});

describe('what the worker’s housekeeping sees to', () => {
  test('a mail that nobody began is sent', async () => {
    const id = await asker.downloads.begin(source, ['DATABASE']);
    await asker.downloads.until(id, ['SUCCEEDED']);
    // As if the server had ended between writing it down and beginning its workflow.
    await databases.catalogue(
      `INSERT INTO download_mails (download_id, user_id) SELECT $1, id FROM users WHERE email = $2`,
      [id, asker.email],
    );
    await until('the mail is sent', 90_000, async () => {
      return (await asker.downloads.look(id)).mailState === 'SENT';
    });
    expect(await recipients(id)).toEqual([asker.email]);
  });

  test('a mail whose workflow was terminated is given up, and sent when it is asked for again', async () => {
    await mailbox.close();
    const id = await asker.downloads.begin(source, ['DATABASE'], true);
    await untilWaiting(id);
    await temporal.terminate(await mailOf(id));
    const { mailProblem } = await untilMail(id, 'FAILED');
    expect(mailProblem).toContain('Its sending was ended');
    await mailbox.open();
    expect(await asker.downloads.begin(source, ['DATABASE'], true)).toBe(id);
    await untilMail(id, 'SENT');
    expect(await recipients(id)).toEqual([asker.email]);
  });
});
