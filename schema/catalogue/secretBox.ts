import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Seals secrets for the catalogue (AES-256-GCM, a fresh nonce each time). */
export interface SecretBox {
  /** Seals a text; `about` ties it to its place, so that a sealed text moved elsewhere does not open. */
  seal(text: string, about: string): string;
  /** Opens what `seal` made for the same `about`; throws where key or text do not fit. */
  open(sealed: string, about: string): string;
}

const version = 'v1';

/** Makes a secret box from the configured key (32 bytes, base64). */
export function createSecretBox(secretKey: string): SecretBox {
  const key = Buffer.from(secretKey, 'base64');
  if (key.length !== 32) throw new Error('HOLDFAST_SECRET_KEY must be 32 bytes in base64.');
  return {
    seal(text, about) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [
        version,
        nonce.toString('base64'),
        cipher.getAuthTag().toString('base64'),
        body.toString('base64'),
      ].join('.');
    },
    open(sealed, about) {
      const [mark, nonce, tag, body, ...more] = sealed.split('.');
      if (mark !== version || !nonce || !tag || body === undefined || more.length > 0) {
        throw new Error('A sealed secret is malformed.');
      }
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), {
        authTagLength: 16,
      }).setAAD(Buffer.from(about));
      decipher.setAuthTag(Buffer.from(tag, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()]).toString('utf8');
    },
  };
}

/** What an environment’s sealed database address is tied to. */
export function databaseUrlPlace(environmentId: string): string {
  return `environment/${environmentId}/database_url`;
}

/** Hex SHA-256: all that is kept of a token’s or cookie’s secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
