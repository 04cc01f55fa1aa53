import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../stepProblem.js';
import { withConnection } from './connect.js';
import { databaseInWords } from './problem.js';
import { statementInWords, withoutSecrets } from './serverWords.js';

interface Holder {
  table: string;
  pid: number;
  user: string | null;
  application: string | null;
  seconds: string;
  query: string | null;
}

/** Names the table that stayed locked, and the session that holds it, where that can still be seen. */
export async function lockProblem(address: DatabaseAddress): Promise<StepProblem> {
  const holder = await findHolder(address).catch(() => null);
  const database = databaseInWords(address);
  if (!holder) return new StepProblem('DATABASE_LOCKED', `A table of the database ${database} stayed locked`);
  return new StepProblem(
    'DATABASE_LOCKED',
    `In the database ${database} ${withoutSecrets(inWords(holder), address)}`,
  );
}

function inWords({ table, pid, user, application, seconds, query }: Holder): string {
  const who = [user && `of “${user}”`, application && `(${application})`].filter(Boolean).join(' ');
  const since = seconds ? `, for ${seconds} s` : '';
  const doing = query ? `; it last ran “${statementInWords(query)}”` : '';
  return `the table ${table} stayed locked by the session ${pid} ${who}`.trimEnd() + since + doing;
}

async function findHolder(address: DatabaseAddress): Promise<Holder | null> {
  const order = { applicationName: 'holdfast look', signal: AbortSignal.timeout(10_000) };
  const rows = await withConnection(address, order, async (client) => {
    const answer = await client.query<Holder>(`
      select format('%I.%I', n.nspname, c.relname) as table, l.pid, a.usename as user,
        nullif(a.application_name, '') as application,
        round(extract(epoch from now() - a.xact_start))::text as seconds,
        case when a.query like '<insufficient privilege>%' then null else nullif(a.query, '') end as query
      from pg_locks l
      join pg_class c on c.oid = l.relation
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'relation' and l.granted and l.mode = 'AccessExclusiveLock' and c.relkind in ('r', 'p', 'm', 'v', 'f')
        and l.database = (select oid from pg_database where datname = current_database())
        and n.nspname !~ '^pg_' and l.pid <> pg_backend_pid()
      order by a.xact_start nulls last limit 1`);
    return answer.rows;
  });
  return rows[0] ?? null;
}
