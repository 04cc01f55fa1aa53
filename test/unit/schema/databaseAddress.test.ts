import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadDatabaseAddress, parseDatabaseUrl } from '#schema/catalogue';

/** What is said of an address that cannot be used. */
function complaint(text: string): string {
  try {
    parseDatabaseUrl(text);
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(BadDatabaseAddress);
    const { message, stack, cause } = error as BadDatabaseAddress;
    expect(cause).toBeUndefined();
    expect(stack).toContain(message);
    return message;
  }
  throw new Error('This address is taken as good.');
}

describe('a database address', () => {
  it('is read part by part', () => {
    expect(parseDatabaseUrl('postgres://shop:secret@db.example.org:6432/shop?sslmode=verify-full')).toEqual({
      host: 'db.example.org',
      port: 6432,
      user: 'shop',
      password: 'secret',
      database: 'shop',
      sslmode: 'verify-full',
    });
  });

  it('may leave out port, password and sslmode', () => {
    expect(parseDatabaseUrl('postgresql://shop@localhost/shop')).toEqual({
      host: 'localhost',
      port: 5432,
      user: 'shop',
      password: '',
      database: 'shop',
      sslmode: 'prefer',
    });
  });

  it.each(['POSTGRES://u:p@h/d', ' postgres://u:p@h/d\n', 'PostgreSQL://u:p@h/d'])(
    'is read however it begins: %j',
    (text) => {
      expect(parseDatabaseUrl(text)).toMatchObject({ host: 'h', user: 'u', password: 'p', database: 'd' });
    },
  );

  it.each([
    ['postgres://u:p@[::1]/d', '::1', 5432],
    ['postgres://u:p@[2001:db8::7]:6000/d', '2001:db8::7', 6000],
    ['postgres://u:p@192.0.2.7:6000/d', '192.0.2.7', 6000],
  ])('may name an address of numbers: %s', (text, host, port) => {
    expect(parseDatabaseUrl(text)).toMatchObject({ host, port });
  });

  it('undoes percent escapes in user, password and database', () => {
    expect(parseDatabaseUrl('postgres://a%40b:p%3A%2F%3F%23%25%20w@h/my%20shop%2F1')).toMatchObject({
      user: 'a@b',
      password: 'p:/?#% w',
      database: 'my shop/1',
    });
  });

  it('takes a plain + as a plus, not as a blank', () => {
    expect(parseDatabaseUrl('postgres://u:a+b@h/c+d')).toMatchObject({ password: 'a+b', database: 'c+d' });
  });

  it('takes an unescaped @ in the password as part of it', () => {
    expect(parseDatabaseUrl('postgres://u:p@ss@h/d')).toMatchObject({ password: 'p@ss', host: 'h' });
  });

  it('gives back every user, password and database that was escaped into it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((part) => !/^\.\.?$|\0/.test(part));
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 1, max: 65_535 }), (user, password, database, port) => {
        const escaped = [user, password, database].map(encodeURIComponent);
        const read = parseDatabaseUrl(
          `postgres://${escaped[0]}:${escaped[1]}@h.example:${port}/${escaped[2]}`,
        );
        expect(read).toEqual({ host: 'h.example', port, user, password, database, sslmode: 'prefer' });
      }),
    );
  });

  it.each(['disable', 'prefer', 'require', 'verify-ca', 'verify-full'])(
    'may ask for sslmode %s',
    (sslmode) => {
      expect(parseDatabaseUrl(`postgres://u:p@h/d?sslmode=${sslmode}`).sslmode).toBe(sslmode);
    },
  );
});

describe('a database address that cannot be used', () => {
  it.each([
    ['', 'This is no database address'],
    ['shop', 'This is no database address'],
    ['localhost/shop', 'This is no database address'],
    ['postgres://u:p@h:notaport/d', 'This is no database address'],
    ['postgres://u:p@h:65536/d', 'This is no database address'],
    ['postgres://u:p@[::1/d', 'This is no database address'],
    ['postgres://u:p@a b/d', 'This is no database address'],
    ['mysql://u:p@h/d', 'must begin with postgres://'],
    ['https://u:p@h/d', 'must begin with postgres://'],
    ['localhost:5432/shop', 'must begin with postgres://'],
    ['postgres:///d', 'names no host'],
    ['postgres://h/d', 'names no user'],
    ['postgres://:p@h/d', 'names no user'],
    ['postgres://u:p@h', 'names no database'],
    ['postgres://u:p@h/', 'names no database'],
    [
      'postgres://u:p@h/d?sslmode=allow',
      'sslmode must be one of disable, prefer, require, verify-ca, verify-full',
    ],
    ['postgres://u:p@h/d?sslmode=', 'sslmode must be one of'],
    ['postgres://u:p@h/d?sslmode=REQUIRE', 'sslmode must be one of'],
    ['postgres://u:p@h/d?options=-c', 'an option other than sslmode'],
    ['postgres://u:p@h/d?sslmode=require&sslrootcert=/x', 'an option other than sslmode'],
    ['postgres://u%ZZ:p@h/d', 'user name holds a bad % sequence'],
    ['postgres://u:100%@h/d', 'password holds a bad % sequence'],
    ['postgres://u:p@h/%FF', 'database name holds a bad % sequence'],
    ['postgres://u%00:p@h/d', 'holds a zero byte'],
    ['postgres://u:p%00@h/d', 'holds a zero byte'],
    ['postgres://u:p@h/d%00', 'holds a zero byte'],
  ])('is told what is at fault: %j', (text, told) => {
    expect(complaint(text)).toContain(told);
  });

  it.each([
    'mysql://u:hunter2@h/d',
    'hunter2',
    'u:hunter2@h/d',
    'postgres://u:hunter2@h:port/d',
    'postgres://u:hunter2@/d',
    'postgres://u:hunter2@h',
    'postgres://:hunter2@h/d',
    'postgres://u:hunter2%@h/d',
    'postgres://u:hunter2%FF@h/d',
    'postgres://u:hunter2%00@h/d',
    'postgres://u:hunter2@h/d?sslmode=hunter2',
    'postgres://u:hunter2@h/d?password=hunter2',
    'postgres://u:hunter2/more@h/d',
    'postgres://u:12/hunter2@h/d',
    'postgres://u:12#hunter2@h/d',
    'postgres://hunter2:p@h/%',
  ])('is never quoted: %s', (text) => {
    expect(complaint(text)).not.toContain('hunter2');
  });

  it('is never quoted, whatever rubbish stands around the password', () => {
    const rubbish = fc.string({ unit: fc.constantFrom(...':/@[]%# \\.', '%0', 'h', '7'), maxLength: 8 });
    fc.assert(
      fc.property(rubbish, rubbish, rubbish, (before, between, after) => {
        const text = `postgres://u${before}hunter2${between}@h${after}`;
        try {
          parseDatabaseUrl(text);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(BadDatabaseAddress);
          expect(String(error)).not.toContain('hunter2');
        }
      }),
      { numRuns: 500 },
    );
  });
});
