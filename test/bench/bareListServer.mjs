// The peer of the bench `list`: nothing but node:http and pg, one fixed list, no rights, no GraphQL.
import http from 'node:http';
import pg from 'pg';

const [databaseUrl, projectId] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const number = (value) => (value === null ? null : Number(value));

const sql = `
  SELECT b.id, b.kind, b.contents, b.note, b.taken_at, b.total_size, b.git_commit, b.status,
         e.id AS environment_id, e.slug, e.stage
  FROM backups b JOIN environments e ON e.id = b.environment_id
  WHERE b.project_id = $1 ORDER BY b.listed_at DESC, b.id DESC LIMIT 21`;

async function list() {
  const { rows } = await pool.query({ name: 'list', text: sql, values: [projectId] });
  const nodes = rows.slice(0, 20).map((row) => ({
    id: row.id,
    kind: row.kind,
    contents: row.contents,
    note: row.note,
    takenAt: row.taken_at?.toISOString() ?? null,
    totalSize: number(row.total_size),
    gitCommit: row.git_commit,
    status: row.status,
    environment: { id: row.environment_id, slug: row.slug, stage: row.stage },
  }));
  return { data: { project: { backups: { nodes, pageInfo: { hasNextPage: rows.length > 20 } } } } };
}

const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    list().then(
      (answer) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit(0));
