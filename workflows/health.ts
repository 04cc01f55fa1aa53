import http from 'node:http';

/** Answers `/healthz` while the process lives and `/readyz` while it can do its work; loopback only. */
export async function serveHealth(port: number, ready: () => Promise<boolean>): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    if (request.url === '/healthz') response.writeHead(200).end('ok\n');
    else if (request.url === '/readyz') {
      void ready()
        .catch(() => false)
        .then((yes) => response.writeHead(yes ? 200 : 503).end(yes ? 'ready\n' : 'waiting\n'));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}
