/** SQL for a database of odd things: whatever of it comes back whole, ordinary databases do. */
export const oddDatabase = String.raw`
create table plain (id serial primary key, note text);
insert into plain (note) select 'note ' || i from generate_series(1, 1000) i;
create table tricky (a text, b bytea, c text[]);
insert into tricky values ('\.', '\x5c2e0a', '{"\\.", null}'), (E'\\.\n\\.', '', '{}'), (E'tab\tfeed\nreturn\rslash\\', null, null),
  (null, null, null), ('', '', array['']), (E'COPY x.y (a) FROM stdin;\n', decode('00', 'hex'), null);
create schema "odd ""schema"".";
create table "odd ""schema""."."table
COPY public.fake (a) FROM stdin;" ("col;umn" int, "a""b" text);
insert into "odd ""schema""."."table
COPY public.fake (a) FROM stdin;" values (1, 'x'), (2, null);
create table "Ünïcødé 表" (a int);
insert into "Ünïcødé 表" values (1);
create sequence "seq
COPY public.fake (a) FROM stdin;" start 7;
create table no_columns ();
insert into no_columns select from generate_series(1, 3);
create table empty_one (a int);
create table parent (a int, made int generated always as (a * 2) stored);
create table numbered (who int generated always as identity, a int);
insert into numbered (a) values (5), (6);
create table child (b int) inherits (parent);
insert into parent (a) values (1), (2);
insert into child (a, b) values (3, 3);
create table parted (at date, v int) partition by range (at);
create table parted_26 partition of parted for values from ('2026-01-01') to ('2027-01-01');
create table parted_rest partition of parted default;
insert into parted select '2026-06-01'::date + i, i from generate_series(1, 500) i;
create unlogged table fleeting as select generate_series(1, 5) as a;
create materialized view summary as select count(*) from plain;
create view seen as select * from plain;
create table wide_rows as select repeat(md5(i::text), 40000) as x from generate_series(1, 3) i;
create table guarded (a int);
alter table guarded enable row level security;
alter table guarded force row level security;
insert into guarded values (1);
create function touched() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger on_touch on ddl_command_end execute function touched();
select lo_from_bytea(0, decode(repeat(md5(i::text), 2000), 'hex')) from generate_series(1, 4) i;
select lo_from_bytea(0, ''::bytea);
`;
