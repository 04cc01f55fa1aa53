// The subscribers of the bench `subscribers`, in a process of their own and as lean as can be.
import WebSocket from 'ws';

let listeners = [];
let wanted = null;

process.on('message', async (order) => {
  if (order.open) {
    await open(order.open);
    process.send?.({ opened: listeners.length });
  } else {
    wanted = order.sequence;
    look();
  }
});
process.on('disconnect', () => process.exit(0));

async function open({ url, tokens, sockets, query, id }) {
  const all = Array.from({ length: sockets }, (_, index) => index);
  const lane = async () => {
    for (let index = all.shift(); index !== undefined; index = all.shift()) {
      await listen(url, tokens[index % tokens.length], query, id);
    }
  };
  await Promise.all(Array.from({ length: 50 }, lane));
}

/** One socket with one subscription; resolves once the job’s present state has come. */
function listen(url, token, query, id) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    const listener = { sequence: -1 };
    listeners.push(listener);
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed by ${code}`)));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      if (text.includes('"connection_ack"')) {
        socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query, variables: { id } } }));
        return;
      }
      const at = text.indexOf('"sequence":');
      if (at < 0) return reject(new Error(text));
      if (listener.sequence < 0) resolve();
      const before = listener.sequence;
      listener.sequence = Number.parseInt(text.slice(at + 11), 10);
      count(before, listener.sequence);
    });
  });
}

let reached = 0;

function count(before, sequence) {
  if (wanted === null || before >= wanted || sequence < wanted) return;
  reached += 1;
  if (reached === listeners.length) finish();
}

/** Some may have heard before it was asked. */
function look() {
  reached = listeners.filter(({ sequence }) => sequence >= wanted).length;
  if (reached === listeners.length) finish();
}

function finish() {
  wanted = null;
  reached = 0;
  process.send?.({ reached: true });
}
