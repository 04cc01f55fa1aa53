import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A real mail server that keeps what it takes. */
export interface TestMailServer {
  port: number;
  /** Messages that came whole, dot and all. */
  messages: string[];
  /** Who asked for which recipient. */
  recipients: string[];
  stop(): Promise<void>;
}

/** Starts one on loopback; a message counts when its stream has ended, before the sender is told. */
export async function startMailServer(
  options: SMTPServerOptions & { answer?: (message: string) => Promise<void>; port?: number } = {},
): Promise<TestMailServer> {
  const { answer, port = 0, ...more } = options;
  const messages: string[] = [];
  const recipients: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: more.key ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 500,
    onRcptTo({ address }, _session, done) {
      recipients.push(address);
      done();
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const message = Buffer.concat(chunks).toString();
        messages.push(message);
        (answer?.(message) ?? Promise.resolve()).then(() => done(), done);
      });
    },
    ...more,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address() as net.AddressInfo;
  return {
    port: address.port,
    messages,
    recipients,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A server that plays a part word by word; `''` as an answer says nothing, `null` ends the connection. */
export interface PlayedServer {
  port: number;
  /** What the client has said, byte for byte. */
  heard(): string;
  stop(): Promise<void>;
}

/** What it answers to each command, by its first word in capitals; `END` is the dot. */
export async function playMailServer(
  answers: Record<string, string | null> = {},
  waitFor: Record<string, Promise<void>> = {},
): Promise<PlayedServer> {
  const usual: Record<string, string | null> = {
    GREETING: '220 played ready',
    EHLO: '250 played',
    MAIL: '250 fine',
    RCPT: '250 fine',
    DATA: '354 go on',
    END: '250 taken',
    QUIT: '221 bye',
  };
  const sockets = new Set<net.Socket>();
  let heard = '';
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const say = async (word: string) => {
      await waitFor[word];
      const answer = { STARTTLS: '502 not here', ...usual, ...answers }[word];
      if (answer === null) socket.destroy();
      else if (answer) socket.write(`${answer}\r\n`);
    };
    let rest = '';
    let inData = false;
    let turn = say('GREETING');
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      rest += chunk.toString('latin1');
      for (;;) {
        const ending = inData ? '\r\n.\r\n' : '\r\n';
        const at = rest.indexOf(ending);
        if (at < 0) return;
        const word = inData ? 'END' : (rest.slice(0, at).split(' ')[0] ?? '').toUpperCase();
        rest = rest.slice(at + ending.length);
        inData = word === 'DATA' && ({ ...usual, ...answers }['DATA'] ?? '').startsWith('354');
        turn = turn.then(() => say(word));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard: () => heard,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Makes a certificate for 127.0.0.1 that nobody but its owner has signed. */
export function selfSigned(folder: string): { key: Buffer; cert: Buffer; certFile: string } {
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'])
      .concat(['-keyout', keyFile, '-out', certFile]),
    { stdio: 'ignore' },
  );
  return { key: readFileSync(keyFile), cert: readFileSync(certFile), certFile };
}
