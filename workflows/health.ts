import http from 'node:http';

/** Where the worker’s health is asked for. */
export interface HealthAddress {
  host: string;
  port: number;
}

/**
 * Answers `/healthz` while the process lives and `/readyz` while it can do its work, else with what it waits for:
 * words without secrets.
 */
export async function serveHealth(
  { host, port }: HealthAddress,
  waitingFor: () => Promise<string[]>,
): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    if (request.url === '/healthz') response.writeHead(200).end('ok\n');
    else if (request.url === '/readyz') {
      void waitingFor().then((parts) =>
        parts.length === 0
          ? response.writeHead(200).end('ready\n')
          : response.writeHead(503).end(`${parts.join('; ')}\n`),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return server;
}
