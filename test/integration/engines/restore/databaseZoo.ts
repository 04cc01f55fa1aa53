/** SQL for a database with an ordinary owner and all that an application may use; `reader` may only read it. */
export const databaseZoo = String.raw`
create extension pgcrypto; create extension citext; create extension hstore; create extension pg_trgm;
create schema shop; create schema "Ünï ""Schema""";
comment on schema shop is 'where things are sold';
create domain shop.positive as int check (value > 0);
create type shop.mood as enum ('sad', 'so-so', 'happy');
create type shop.pair as (a int, b text);
create type shop.span as range (subtype = float8);
create table shop.customer (
  id int generated always as identity (start 100 increment 5) primary key, mail citext unique not null, tags text[], moods shop.mood[],
  attributes hstore, at tstzrange, spans shop.span, pair shop.pair, amount shop.positive, doc jsonb, twice int generated always as (amount * 2) stored
);
comment on column shop.customer.mail is 'is written any way';
insert into shop.customer (mail, tags, moods, attributes, at, spans, pair, amount, doc)
  select 'Person' || i || '@Example.org', array['a', null, 'c"' || i], array['sad', 'happy']::shop.mood[], hstore('k', i::text),
    tstzrange('2026-01-01', null), shop.span(i, i + 1.5), row(i, 'x')::shop.pair, i, jsonb_build_object('i', i, 'ü', '☃')
  from generate_series(1, 500) i;
create index customer_mail_trgm on shop.customer using gin ((mail::text) gin_trgm_ops);
create index customer_expression on shop.customer (lower(mail::text)) where amount > 10;
create sequence shop.counter start 7 increment -3 minvalue -1000 maxvalue 100 cycle;
select nextval('shop.counter'), nextval('shop.counter');
create table serials (id bigserial primary key, note text);
insert into serials (note) select md5(i::text) from generate_series(1, 3000) i;
create table chicken (id int primary key, egg int not null);
create table egg (id int primary key, chicken int not null references chicken deferrable initially deferred);
alter table chicken add foreign key (egg) references egg deferrable initially deferred;
begin; insert into chicken values (1, 1); insert into egg values (1, 1); commit;
create table parted (at date, v int, primary key (at, v)) partition by range (at);
create table parted_26 partition of parted for values from ('2026-01-01') to ('2027-01-01');
create table parted_rest partition of parted default;
insert into parted select '2026-06-01'::date + i, i from generate_series(1, 400) i;
create table parent (a int check (a > 0)); create table child (b int) inherits (parent);
insert into parent values (1); insert into child values (2, 2);
create view first_view as select id, note from serials where id < 100;
create view second_view with (security_barrier) as select count(*) as n from first_view;
create materialized view summary as select n from second_view; create unique index on summary (n);
create materialized view never_filled as select 1 as one with no data;
create function noted() returns trigger language plpgsql as $$ begin new.note := 'changed; by trigger'; return new; end $$;
create trigger on_notes before insert on serials for each row execute function noted();
create trigger off_notes before update on serials for each row execute function noted();
alter table serials disable trigger off_notes;
create trigger always_notes before update of note on serials for each row execute function noted();
alter table serials enable always trigger always_notes;
create function shop.total(who int default 1, variadic more int[] default '{}') returns bigint language sql stable
  begin atomic select count(*) from serials where id >= who; end;
create procedure shop.proc(inout a int) language plpgsql as $f$ begin a := a + 1; -- ALTER TABLE x OWNER TO y;
end $f$;
create aggregate shop.longest(text) (sfunc = textcat, stype = text);
create operator shop.=== (leftarg = int, rightarg = int, function = int4eq);
create statistics shop.stats on amount, twice from shop.customer;
create collation shop.plain (locale = 'C');
create text search configuration shop.words (copy = simple);
create table guarded (who text, secret text);
insert into guarded select 'reader', 'mine' union all select 'app', 'theirs';
alter table guarded enable row level security; alter table guarded force row level security;
create policy own_rows on guarded for select using (who = current_user);
create rule no_delete as on delete to parent do instead nothing;
create table "Ünïcødé 表 ☃" ("Ä;col""x" text, b bytea); insert into "Ünïcødé 表 ☃" values (E'back\\slash\ttab\nline', '\x00ff5c2e'), (null, null);
create table "Ünï ""Schema""".tricky (a text); insert into "Ünï ""Schema""".tricky values ('\.'), (E'\\.\n\\.'), ('');
create table zero_rows (a int); create table no_columns (); insert into no_columns select from generate_series(1, 3);
create unlogged table fleeting as select 1 as a;
create table big_value as select string_agg(md5(i::text), '') as v from generate_series(1, 50 * 32768) i;
select lo_from_bytea(16500 + i, decode(repeat(md5(i::text), 2000), 'hex')) from generate_series(1, 3) i;
comment on large object 16501 is 'a picture'; grant select on large object 16502 to reader;
do $$ begin execute 'create table wide (' || (select string_agg('c' || i || ' int default ' || i, ', ') from generate_series(1, 200) i) || ')'; end $$;
insert into wide default values; insert into wide default values;
alter table serials alter column note set statistics 500; alter table serials set (fillfactor = 70);
grant usage on schema shop, "Ünï ""Schema""" to reader; grant select on all tables in schema public, shop, "Ünï ""Schema""" to reader;
grant select (a), update (a) on zero_rows to reader with grant option; grant execute on function shop.total to reader;
revoke execute on procedure shop.proc from public; revoke all on schema public from public; grant usage on schema public to reader;
alter default privileges in schema shop grant select on tables to reader;
grant create on schema public, shop to keeper; alter table child owner to keeper; alter function shop.total owner to keeper; alter sequence serials_id_seq restart 90000;
`;
