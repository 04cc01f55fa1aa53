import net, { type AddressInfo } from 'node:net';

/** Stands between a process and a part that it needs, and can be cut like a network cable. */
export class Relay {
  private readonly sockets = new Set<net.Socket>();
  private isCut = false;
  private isSilent = false;

  private constructor(
    private readonly server: net.Server,
    private readonly target: { host: string; port: number },
  ) {}

  /** Begins to pass everything on to a port of this machine. */
  static async to(port: number, host = '127.0.0.1'): Promise<Relay> {
    const server = net.createServer();
    const relay = new Relay(server, { host, port });
    server.on('connection', (socket) => relay.pass(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** Where it listens, on 127.0.0.1. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends what is open and refuses what comes. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Leaves everything open and passes nothing on, as a network that drops packets. */
  silence(): void {
    this.isSilent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Passes everything on again. What had been silent is ended: nobody knows what it has missed. */
  mend(): void {
    if (this.isSilent) for (const socket of this.sockets) socket.destroy();
    this.isCut = false;
    this.isSilent = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(socket: net.Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const onward = net.connect(this.target);
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.sockets.add(each);
      each
        .on('error', () => undefined)
        .on('close', () => {
          this.sockets.delete(each);
          other.destroy();
        });
    }
    socket.pipe(onward).pipe(socket);
    if (this.isSilent) this.silence();
  }
}
