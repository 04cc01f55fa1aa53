import http from 'node:http';

/** A request to repeat. */
export interface Asked {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Sends one request and answers with its body; throws where the status is not 200. */
export async function askOnce(asked: Asked, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(asked.url, { method: 'POST', headers: asked.headers, agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(pieces).toString();
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${response.statusCode}: ${body.slice(0, 500)}`));
      });
    });
    request.on('error', reject).end(asked.body);
  });
}

/** Requests per second with so many at once, for so long. */
export async function requestsPerSecond(asked: Asked, atOnce: number, ms: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const begun = performance.now();
  let answered = 0;
  const lane = async () => {
    while (performance.now() - begun < ms) {
      await askOnce(asked, agent);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  agent.destroy();
  return (answered * 1000) / (performance.now() - begun);
}

/** Milliseconds of each of so many requests, one after the other. */
export async function latencies(asked: Asked, times: number): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now();
    await askOnce(asked, agent);
    taken.push(performance.now() - begun);
  }
  agent.destroy();
  return taken;
}
