import { describe, expect, it } from 'vitest';
import type { MailFacts } from '../../../workflows/activities/mail/mailFacts.js';
import { sizeInWords } from '../../../workflows/activities/mail/mailSentences.js';
import { mailWords } from '../../../workflows/activities/mail/mailWords.js';

const at = 'https://backups.example.org/files/6d2c';
const facts: MailFacts = {
  name: 'Ada',
  project: 'Corner Shop',
  environment: 'Main',
  stage: 'LIVE',
  takenAt: new Date('2026-11-22T22:02:53Z'),
  note: 'Before the launch',
  commit: 'a'.repeat(40),
  files: [
    {
      name: 'shop-main-20261122T220253Z.dump',
      content: 'DATABASE',
      size: 78_217_216,
      sha256: 'b'.repeat(64),
      link: `${at}/shop-main-20261122T220253Z.dump`,
    },
    {
      name: 'shop-main-20261122T220253Z.media.tar',
      content: 'MEDIA',
      size: 900,
      sha256: 'c'.repeat(64),
      link: `${at}/shop-main-20261122T220253Z.media.tar`,
    },
  ],
  expiresAt: new Date('2026-11-29T23:00:00Z'),
  isOpen: false,
  page: 'https://backups.example.org/projects/shop/downloads/6d2c',
};

describe('the words of the mail about a download', () => {
  it('say what it is, what the files are, until when, and how they are used', () => {
    expect(mailWords(facts).subject).toBe('Download ready: Corner Shop / Main, 22 Nov 2026 22:02 UTC');
    expect(mailWords(facts).text).toBe(`Hello Ada,

the files that you asked for are ready to download.

Project:     Corner Shop
Environment: Main (Live)
Backup of:   22 Nov 2026 22:02 UTC
Note:        Before the launch
Commit:      ${'a'.repeat(40)}

shop-main-20261122T220253Z.dump
74.6 MiB (78,217,216 bytes)
SHA-256: ${'b'.repeat(64)}
${at}/shop-main-20261122T220253Z.dump

shop-main-20261122T220253Z.media.tar
900 bytes
SHA-256: ${'c'.repeat(64)}
${at}/shop-main-20261122T220253Z.media.tar

The links work until 29 Nov 2026 23:00 UTC. They ask you to sign in to Holdfast, and work only for members of the project who may download.

How to use them:
pg_restore --no-owner --no-privileges --exit-on-error --dbname=NAME shop-main-20261122T220253Z.dump
  restores the database into NAME, an empty database.
tar -xf shop-main-20261122T220253Z.media.tar
  unpacks the media; its first entry, manifest.jsonl, lists what is in it.

The download in Holdfast: https://backups.example.org/projects/shop/downloads/6d2c
`);
  });

  it('are the same in HTML', () => {
    const { html } = mailWords(facts);
    for (const said of [
      'Hello Ada,',
      'Main (Live)',
      '22 Nov 2026 22:02 UTC',
      'Before the launch',
      'a'.repeat(40),
      '74.6 MiB (78,217,216 bytes)',
      'b'.repeat(64),
      `href="${at}/shop-main-20261122T220253Z.dump"`,
      'pg_restore --no-owner --no-privileges --exit-on-error --dbname=NAME shop-main-20261122T220253Z.dump',
      'manifest.jsonl',
      'ask you to sign in',
      `href="${facts.page}"`,
    ])
      expect(html).toContain(said);
  });

  it('load nothing from anywhere and need no table', () => {
    const { html } = mailWords(facts);
    expect(html).not.toMatch(/<(?:img|script|link|table|iframe|form)\b|url\(|@import|src=/i);
    expect(html).toContain('color-scheme');
    expect(html).toContain('font: 16px');
  });

  it('say it of one file, of a test environment, and without what is not known', () => {
    const one = { ...facts, files: facts.files.slice(0, 1), stage: 'TEST' as const };
    const { subject, text, html } = mailWords({ ...one, takenAt: null, note: ' ', commit: null });
    expect(subject).toBe('Download ready: Corner Shop / Main');
    expect(text).toContain('the file that you asked for is ready');
    expect(text).toContain('The link works until 29 Nov 2026 23:00 UTC. It asks you to sign in');
    expect(text).toContain('How to use it:');
    expect(text).toContain('Main (Test)');
    for (const part of [text, html]) expect(part).not.toMatch(/Note|Commit|Backup of/);
  });

  it('warn where the links are open', () => {
    const { text, html } = mailWords({ ...facts, isOpen: true });
    for (const part of [text, html]) {
      expect(part).toContain('Whoever has the links can have the files, without signing in');
      expect(part).not.toContain('ask you to sign in');
    }
  });

  it('keep what people wrote as text', () => {
    const hostile = `<script>alert(1)</script> "quoted" & 'so'\r\n\r\nSecond line\rThird </style><img src=x onerror=alert(2)>`;
    const { html, text, subject } = mailWords({
      ...facts,
      name: hostile,
      note: hostile,
      project: hostile,
      environment: hostile,
      files: facts.files.map((file) => ({ ...file, name: hostile, link: `${at}/"><script>` })),
    });
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img');
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;so&#39;');
    expect(subject).not.toMatch(/[\r\n]/);
    // Each line of a note stands under its label, so that none looks like a fact of ours.
    expect(text).toContain(`\n             Second line\n             Third`);
  });
});

describe('a size', () => {
  it('is said for people and exactly', () => {
    expect(sizeInWords(0)).toBe('0 bytes');
    expect(sizeInWords(1)).toBe('1 byte');
    expect(sizeInWords(1024)).toBe('1.0 KiB (1,024 bytes)');
  });
});
