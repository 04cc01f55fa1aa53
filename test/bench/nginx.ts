import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../support/holdfast.js';
import { until } from '../support/until.js';

/** nginx as it is set up to serve big files, over loopback. */
export interface Nginx {
  url: string;
  stop(): Promise<void>;
}

/** Serves the files of a folder; throws where there is no nginx to be compared with. */
export async function startNginx(folder: string): Promise<Nginx> {
  if (spawnSync('nginx', ['-v'], { stdio: 'ignore' }).error) {
    throw new Error('There is no nginx to be compared with: install it (apt-get install nginx-light).');
  }
  const place = await mkdtemp(path.join(os.tmpdir(), 'holdfast-nginx-'));
  const port = await freePort();
  const file = path.join(place, 'nginx.conf');
  await writeFile(file, configuration(place, folder, port));
  const child = spawn('nginx', ['-c', file, '-p', place, '-e', path.join(place, 'error.log')], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await until('nginx answers', 10_000, async () =>
    fetch(url).then(
      () => true,
      () => null,
    ),
  );
  return {
    url,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await gone;
      await rm(place, { recursive: true, force: true });
    },
  };
}

function configuration(place: string, folder: string, port: number): string {
  return `
daemon off;
user root;
pid ${place}/nginx.pid;
worker_processes 1;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${place}/body;
  proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi;
  scgi_temp_path ${place}/scgi;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`;
}
