import { LANGUAGES, SCRIPTS } from './demoText.js';

const CITIES = [
  'Köln',
  'Αθήνα',
  'Kraków',
  '東京',
  '北京',
  'القاهرة',
  'São Paulo',
  'Göteborg',
  'Тбилиси',
  "'s-Hertogenbosch",
];

/** How many rows the demo database has, for a share of 1 (full size) or less. */
function demoRowCounts(share: number) {
  const part = (count: number): number => Math.max(1, Math.round(count * share));
  return {
    products: part(3000),
    customers: part(12_000),
    addresses: part(18_000),
    orders: part(30_000),
    lines: part(30_000) * 3,
    pages: part(400),
    events: part(50_000),
    photos: part(300),
    documents: 4,
    documentBlocks: part(32_768),
  };
}

/**
 * Statements that fill the demo's tables on the server itself. Every value is arithmetic over the row's number or md5 of it,
 * so that the rows, their order and the numbers of the large objects are the same on every machine and at every run.
 */
export function demoRowsSql(share: number): string[] {
  const rows = demoRowCounts(share);
  return [
    `INSERT INTO categories
       SELECT i, CASE WHEN i > 8 THEN 1 + i % 8 END, ${pick(everyWord(), 'i * 7')} || ' ' || i, 'category-' || i
       FROM generate_series(1, 48) i`,
    `INSERT INTO products (category_id, sku, name, description, price, vat_rate, attributes, active)
       SELECT 1 + i % 48, 'SKU-' || lpad(i::text, 6, '0'), ${pick(everyWord(), 'i')} || ' ' || i,
         (SELECT string_agg(${pick(everyWord(), 'i * 31 + k * 17')} || ' ' || md5(i || ':' || k), ' ' ORDER BY k)
          FROM generate_series(1, 30) k),
         ((i * 7919) % 49900 + 100) / 100.0, CASE WHEN i % 3 = 0 THEN 0.070 ELSE 0.190 END,
         jsonb_build_object('colour', ${pick(SCRIPTS.chinese, 'i')}, 'größe', i % 60, 'weight', i * 0.25,
           'tags', jsonb_build_array(${pick(SCRIPTS.emoji, 'i')}, md5('tag' || i % 40)), 'ean', md5('ean' || i)),
         i % 11 <> 0
       FROM generate_series(1, ${rows.products}) i`,
    `INSERT INTO customers (public_id, name, email, language, born, note, created_at)
       SELECT md5('customer' || i)::uuid, ${pick(CUSTOMER_WORDS, 'i')} || ' ' || i,
         'Customer' || i || '@example.com', ${pick(LANGUAGES, 'i')},
         CASE WHEN i % 4 <> 0 THEN date '1950-01-01' + (i * 37) % 20000 END,
         CASE i % 5 WHEN 0 THEN '' WHEN 1 THEN E'two lines,\\n\\ta tab and a \\\\ backslash' WHEN 2 THEN md5('note' || i) END,
         timestamptz '2025-01-01 00:00:00+00' + i * interval '37 minutes'
       FROM generate_series(1, ${rows.customers}) i`,
    `INSERT INTO addresses (customer_id, street, city, postal_code, country, position, is_billing)
       SELECT 1 + (i * 5) % ${rows.customers}, ${pick(everyWord(), 'i * 3')} || ' ' || 1 + i % 200, ${pick(CITIES, 'i')},
         lpad((i * 7717 % 100000)::text, 5, '0'), ${pick(['DE', 'GR', 'PL', 'JP', 'CN', 'EG', 'BR', 'SE', 'GE', 'NL'], 'i')},
         point(i % 180 - 90, i % 360 - 180), i % 2 = 0
       FROM generate_series(1, ${rows.addresses}) i`,
    `INSERT INTO orders (customer_id, address_id, status, placed_at, shipped_at, tags, comment)
       SELECT 1 + (i * 11) % ${rows.customers}, 1 + (i * 13) % ${rows.addresses},
         (enum_range(NULL::order_status))[1 + (i * i) % 6],
         timestamptz '2025-02-01 06:30:00+00' + i * interval '15 minutes 7.001 seconds',
         CASE WHEN i % 4 = 1 THEN timestamptz '2025-02-03 12:00:00+00' + i * interval '15 minutes' END,
         CASE WHEN i % 6 = 0 THEN ARRAY['gift', ${pick(SCRIPTS.german, 'i')}, 'with, comma "quoted"'] ELSE '{}' END,
         CASE WHEN i % 9 = 0 THEN ${pick(everyWord(), 'i * 5')} || ' – ' || md5('comment' || i) END
       FROM generate_series(1, ${rows.orders}) i`,
    `INSERT INTO order_lines (order_id, line, product_id, quantity, unit_price)
       SELECT 1 + i / 3, 1 + i % 3, 1 + (i * 17) % ${rows.products}, 1 + i % 5,
         ((((i * 17) % ${rows.products} + 1) * 7919) % 49900 + 100) / 100.0
       FROM generate_series(0, ${rows.lines - 1}) i`,
    `INSERT INTO pages
       SELECT i, '/' || ${pick(LANGUAGES, 'i')} || '/page-' || i, ${pick(LANGUAGES, 'i')},
         ${pick(everyWord(), 'i * 13')} || ' ' || i,
         (SELECT string_agg(${pick(everyWord(), 'i * 7 + k * k')} || CASE k % 12 WHEN 0 THEN E'.\\n\\n' ELSE ' ' END
            || substr(md5(i || '/' || k), 1, 20), ' ' ORDER BY k) FROM generate_series(1, 250) k),
         CASE WHEN i % 7 <> 0 THEN timestamptz '2025-03-01 09:00:00+00' + i * interval '1 hour' END, i % 7 = 0
       FROM generate_series(1, ${rows.pages}) i`,
    `INSERT INTO audit.events (happened_at, kind, order_id, address, took, details)
       SELECT timestamptz '2025-02-01 06:31:00+00' + i * interval '7 minutes 33.333333 seconds',
         ${pick(['order.placed', 'order.paid', 'mail.sent', 'stock.changed', 'sign-in'], 'i')},
         CASE WHEN i % 5 < 2 THEN 1 + i % ${rows.orders} END,
         ('198.51.100.' || i % 256)::inet, i % 1000 * interval '1 millisecond',
         jsonb_build_object('request', md5('request' || i), 'agent', ${pick(SCRIPTS.english, 'i')}, 'status', 200 + i % 5,
           'word', ${pick(everyWord(), 'i')}, 'session', md5('session' || i / 4),
           'before', jsonb_build_object('stock', i % 97, 'hash', md5('before' || i / 40)), 'after', NULL)
       FROM generate_series(1, ${rows.events}) i`,
    `INSERT INTO "Produkt-Fotos"
       SELECT 1 + i % ${rows.products}, 400 + i, noise.bytes, sha256(noise.bytes)
       FROM generate_series(1, ${rows.photos}) i, LATERAL (${noiseBytes("'photo' || i", 1000)}) noise`,
    `INSERT INTO "データ 🌱" VALUES
       ('plain', 'value', 1.5), ('empty', '', 'NaN'), ('nothing', NULL, NULL), ('quotes', 'it''s "quoted" \`so\` $1', '-Infinity'),
       ('backslash', 'C:\\temp\\.', 1e-300), ('copy end', '\\.', 0.1), ('null text', '\\N', -0.0),
       ('lines', E'first\\nsecond\\r\\nthird\\tcell\\u000bend', 1e300), ('عربي', 'من اليمين إلى اليسار ‏123‏', 3.141592653589793),
       ('👩🏽‍🚀', 'e\u0301 is not é', 5e-324)`,
    `INSERT INTO documents
       SELECT i, ${pick(everyWord(), 'i * 19')} || ' ' || i, lo_from_bytea((400000 + i)::oid, noise.bytes)
       FROM generate_series(1, ${rows.documents}) i, LATERAL (${noiseBytes("'document' || i", rows.documentBlocks)}) noise`,
    `SELECT lo_from_bytea(400000::oid, ''::bytea)`,
    `COMMENT ON LARGE OBJECT 400000 IS 'empty on purpose'`,
  ];
}

const CUSTOMER_WORDS = [
  'Customer',
  'Kundin',
  'Cliente',
  'Πελάτης',
  'Клиент',
  '客户',
  'お客様',
  'عميل',
  'ग्राहक',
  '🙂',
];

function everyWord(): string[] {
  return LANGUAGES.flatMap((language) => SCRIPTS[language]);
}

/** An SQL expression that takes one of the texts, by a whole number that may be any positive one. */
function pick(texts: readonly string[], number: string): string {
  const list = texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ');
  return `(ARRAY[${list}])[1 + (${number}) % ${texts.length}]`;
}

/** A query of one row: `bytes`, 32 times `blocks` long, which no compression makes smaller. */
function noiseBytes(seed: string, blocks: number): string {
  return `SELECT string_agg(sha256(convert_to(${seed} || ':' || k, 'UTF8')), ''::bytea ORDER BY k) AS bytes
          FROM generate_series(1, ${blocks}) k`;
}
