import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import { MailWaits, sendOnce, type MailToSend } from '../../../workflows/engines/mail/sendOnce.js';
import { until } from '../../support/until.js';
import { playMailServer, startMailServer } from './mailTestServer.js';

const patience = { connectMs: 5_000, takeMs: 20_000, answerMs: 20_000 };
const stops: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Remembers to stop it. */
function kept<Server extends { stop(): Promise<void> }>(server: Server): Server {
  stops.push(() => server.stop());
  return server;
}

function mail(port: number, more: Partial<MailToSend> = {}): MailToSend {
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    from: 'Holdfast <holdfast@example.org>',
    to: 'ada@example.org',
    subject: 'Your files',
    text: 'The files are ready.\n.\n.hidden dot\n',
    html: '<p>The files are ready.</p>',
    messageId: '<1234@backups.example.org>',
    date: new Date('2026-11-22T22:02:53Z'),
    beforeLastByte: async () => undefined,
    signal: new AbortController().signal,
    patience,
    ...more,
  };
}

/** What it waits for, in words. */
async function waits(sending: Promise<unknown>): Promise<string> {
  const error = await sending.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MailWaits);
  return (error as Error).message;
}

describe('handing a mail over', () => {
  it('sends text and HTML once, with the given id and date', async () => {
    const server = kept(await startMailServer());
    let asked = 0;
    const sent = await sendOnce(mail(server.port, { beforeLastByte: async () => void (asked += 1) }));
    expect(sent).toEqual({ ended: 'sent' });
    expect(asked).toBe(1);
    expect(server.messages).toHaveLength(1);
    const read = await simpleParser(server.messages[0] ?? '');
    expect(read.messageId).toBe('<1234@backups.example.org>');
    expect(read.date).toEqual(new Date('2026-11-22T22:02:53Z'));
    expect(read.text).toBe('The files are ready.\n.\n.hidden dot\n');
    expect(read.html).toBe('<p>The files are ready.</p>');
    expect(read.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('lets no text become a header, an address or a command', async () => {
    const server = kept(await startMailServer());
    await sendOnce(
      mail(server.port, {
        subject: 'Über “Shop”\r\nBcc: eve@example.org\n\nbody',
        from: 'Holdfast\r\nX-From: 1 <holdfast@example.org>',
        messageId: '<1@a>\r\nX-Id: 1',
      }),
    );
    const read = await simpleParser(server.messages[0] ?? '');
    expect(server.recipients).toEqual(['ada@example.org']);
    expect(read.subject).toBe('Über “Shop” Bcc: eve@example.org body');
    expect([...read.headers.keys()].filter((name) => /^(bcc|x-)/.test(name))).toEqual([]);
    for (const to of [
      'ada@example.org\r\nRCPT TO:<eve@example.org>',
      'ada@example.org, eve@example.org',
      'ada',
    ]) {
      await sendOnce(mail(server.port, { to })).catch(() => undefined);
    }
    expect(server.recipients.filter((address) => address === 'eve@example.org')).toEqual([]);
  });

  it('reaches addresses in other scripts: a domain as punycode, a name where the server can', async () => {
    const plain = kept(await playMailServer());
    expect(await sendOnce(mail(plain.port, { to: 'ada@exämple.org' }))).toEqual({ ended: 'sent' });
    expect(plain.heard()).toContain('RCPT TO:<ada@xn--exmple-cua.org>\r\n');
    const able = kept(await startMailServer());
    expect(await sendOnce(mail(able.port, { to: 'ädä@example.org' }))).toEqual({ ended: 'sent' });
    expect(able.recipients).toEqual(['ädä@example.org']);
    const unable = kept(await playMailServer({ RCPT: '553 ASCII only' }));
    expect(await sendOnce(mail(unable.port, { to: 'ädä@example.org' }))).toEqual({
      ended: 'refused',
      why: 'The mail server refused the mail: “553 ASCII only”.',
    });
  });

  it('holds the end back until it may go: all the rest is there, and no mail', async () => {
    const server = kept(await playMailServer());
    let letGo = () => {};
    let asked = false;
    const beforeLastByte = () => {
      asked = true;
      return new Promise<void>((resolve) => (letGo = resolve));
    };
    const sending = sendOnce(mail(server.port, { beforeLastByte }));
    const isThere = () => asked && /\r\n--[^\r\n]+--\r\n$/.test(server.heard());
    await until('all but the dot is there', 20_000, async () => isThere());
    expect(server.heard()).toContain('RCPT TO:<ada@example.org>');
    expect(server.heard()).not.toContain('\r\n.\r\n');
    letGo();
    expect(await sending).toEqual({ ended: 'sent' });
    expect(server.heard().match(/\r\n\.\r\n/g)).toHaveLength(1);
  });

  it('asks only once the server has taken the recipient', async () => {
    const server = kept(
      await playMailServer({ EHLO: '250-played\r\n250 PIPELINING', RCPT: '451 later', DATA: '503 no' }),
    );
    let asked = 0;
    const beforeLastByte = async () => void (asked += 1);
    expect(await waits(sendOnce(mail(server.port, { beforeLastByte })))).toContain('451 later');
    expect(asked).toBe(0);
  });

  it('sends nothing where it may not go, and says why', async () => {
    const server = kept(await startMailServer());
    const beforeLastByte = () => Promise.reject(new Error('the catalogue is away'));
    await expect(sendOnce(mail(server.port, { beforeLastByte }))).rejects.toThrow('the catalogue is away');
    // A mail after it is the only one that counts: what was held back before it has been dropped.
    await sendOnce(mail(server.port, { subject: 'second' }));
    expect(server.messages).toHaveLength(1);
  });

  it('gives up when told to, before the end goes; waits for the answer after it', async () => {
    const server = kept(await startMailServer());
    const early = new AbortController();
    const beforeLastByte = async () => early.abort();
    expect(await waits(sendOnce(mail(server.port, { beforeLastByte, signal: early.signal })))).toBe(
      'Sending was stopped.',
    );
    expect(server.messages).toHaveLength(0);
    const late = new AbortController();
    const slow = kept(
      await startMailServer({
        answer: async () => late.abort(),
      }),
    );
    expect(await sendOnce(mail(slow.port, { signal: late.signal }))).toEqual({ ended: 'sent' });
  });
});

describe('what the server says', () => {
  it('waits for what may pass', async () => {
    const away = await startMailServer();
    await away.stop();
    expect(await waits(sendOnce(mail(away.port)))).toBe(
      'The mail server takes no connections (ECONNREFUSED).',
    );
    const back = kept(await startMailServer({ port: away.port }));
    expect(await sendOnce(mail(back.port))).toEqual({ ended: 'sent' });
    for (const [command, answer] of [
      ['GREETING', '421 busy'],
      ['MAIL', '451 try later'],
      ['MAIL', '530 Must issue a STARTTLS command first'],
      ['RCPT', '450 greylisted'],
      ['DATA', '452 full'],
      ['END', '451 scanner down'],
    ]) {
      const server = kept(await playMailServer({ [command ?? '']: answer ?? '' }));
      expect(await waits(sendOnce(mail(server.port))), `${command} ${answer}`).toContain(answer);
    }
    for (const word of ['GREETING', 'EHLO', 'MAIL', 'RCPT', 'DATA']) {
      const server = kept(await playMailServer({ [word]: null }));
      await waits(sendOnce(mail(server.port)));
    }
  });

  it('takes a refusal of this mail as final', async () => {
    for (const [command, answer] of [
      ['MAIL', '550 sender unknown'],
      ['RCPT', '550 5.1.1 no such user'],
      ['DATA', '554 no'],
      ['END', '554 5.7.1 looks like spam'],
    ]) {
      const server = kept(await playMailServer({ [command ?? '']: answer ?? '' }));
      expect(await sendOnce(mail(server.port)), command).toEqual({
        ended: 'refused',
        why: `The mail server refused the mail: “${answer}”.`,
      });
    }
  });

  it('does not know whether it arrived where the answer to its end never comes', async () => {
    const dropping = kept(await playMailServer({ END: null }));
    expect((await sendOnce(mail(dropping.port))).ended).toBe('uncertain');
    const silent = kept(await playMailServer({ END: '' }));
    expect(await sendOnce(mail(silent.port, { patience: { ...patience, answerMs: 500 } }))).toEqual({
      ended: 'uncertain',
      why: 'The mail server did not answer in time.',
    });
    const strange = kept(await playMailServer({ END: 'what?' }));
    expect((await sendOnce(mail(strange.port))).ended).toBe('uncertain');
  });

  it('gives up on a server that is too slow', async () => {
    const mute = kept(await playMailServer({ GREETING: '' }));
    const inTime = { ...patience, connectMs: 300 };
    expect(await waits(sendOnce(mail(mute.port, { patience: inTime })))).toContain('did not answer in time');
    const stuck = kept(await playMailServer({ RCPT: '' }));
    const taken = { ...patience, takeMs: 300 };
    expect(await waits(sendOnce(mail(stuck.port, { patience: taken })))).toContain('did not answer in time');
  });

  it('repeats no link and no password of ours', async () => {
    const server = kept(
      await playMailServer({
        END: '554 blocked https://h.example/files/1/a.dump?key=hfd_eyJh.bGlua-w by filter',
      }),
    );
    expect(await sendOnce(mail(server.port))).toEqual({
      ended: 'refused',
      why: 'The mail server refused the mail: “554 blocked https://h.example/files/1/a.dump?key=… by filter”.',
    });
  });

  it('needs an address that it can read', async () => {
    for (const smtpUrl of ['', 'mail.example.org', 'https://mail.example.org', 'smtp://'])
      expect(await waits(sendOnce(mail(1, { smtpUrl })))).toBe(
        'SMTP_URL is no address such as smtp://host:port.',
      );
  });
});
