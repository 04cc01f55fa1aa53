import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a signed address of a file stands for. */
export interface FileLink {
  downloadId: string;
  name: string;
  /** Until when it works, in milliseconds since 1970. */
  untilMs: number;
  /** For whom it was minted and by which credential, which must still be worth something; null: for whoever has it. */
  minted: { userId: string; by: 'token' | 'session'; credentialId: string } | null;
}

const prefix = 'hfd_';

/** Signs and reads addresses of files. Nobody makes one without the key: there is nothing to guess. */
export interface FileLinks {
  sign(link: FileLink): string;
  /** What it stands for; null where it was not signed by us. Whether it is still in time is for the reader to see. */
  read(signed: string): FileLink | null;
}

/** Made from the configured key (32 bytes, base64), from which a key of its own is derived. */
export function createFileLinks(secretKey: string): FileLinks {
  const key = Buffer.from(
    hkdfSync('sha256', Buffer.from(secretKey, 'base64'), '', 'holdfast file links', 32),
  );
  const seal = (body: string) => createHmac('sha256', key).update(body).digest();
  return {
    sign(link) {
      const body = Buffer.from(JSON.stringify(link)).toString('base64url');
      return `${prefix}${body}.${seal(body).toString('base64url')}`;
    },
    read(signed) {
      const [, body, mark] = /^hfd_([\w-]{1,2000})\.([\w-]{43})$/.exec(signed) ?? [];
      if (!body || !mark) return null;
      const sealed = Buffer.from(mark, 'base64url');
      const expected = seal(body);
      if (sealed.length !== expected.length || !timingSafeEqual(sealed, expected)) return null;
      return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as FileLink;
    },
  };
}
