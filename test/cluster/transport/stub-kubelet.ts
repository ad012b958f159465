import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A frame of a web socket, from the server: binary, or another of its kinds. */
export function frame(payload: Buffer, kind = 2): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x80 | kind;
  if (payload.length < 126) {
    head[1] = payload.length;
    return Buffer.concat([head.subarray(0, 2), payload]);
  }
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** Accepts a web socket. */
export function switchProtocols(headers: IncomingMessage["headers"], socket: Socket, protocol: string): void {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  socket.write([...lines, `Sec-WebSocket-Protocol: ${protocol}`, "", ""].join("\r\n"));
}

/** Reads the frames of a client, which are masked. */
export class Frames {
  private rest = Buffer.alloc(0);
  *take(chunk: Buffer): Generator<{ kind: number; payload: Buffer }> {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const short = (this.rest[1] ?? 0) & 0x7f;
      const start = { 126: 8, 127: 14 }[short] ?? 6;
      if (this.rest.length < start) return;
      const length = short === 126 ? this.rest.readUInt16BE(2) : short === 127 ? Number(this.rest.readBigUInt64BE(2)) : short;
      if (this.rest.length < start + length) return;
      const mask = this.rest.subarray(start - 4, start);
      const payload = Buffer.from(this.rest.subarray(start, start + length)).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      yield { kind: (this.rest[0] ?? 0) & 0x0f, payload: Buffer.from(payload) };
      this.rest = this.rest.subarray(start + length);
    }
  }
}

/**
 * Forwards ports as API server, kubelet and containerd do, measured on a real node: both channels begin with the port's number,
 * an error is told on the second one, and a far end that closes is told a second later (here at once). Every pod is this machine.
 */
export class Kubelet {
  /** Web sockets that are open. */
  readonly open = new Set<Socket>();
  /** Pods that are not there. */
  readonly gone = new Set<string>();
  private constructor(private readonly server: Server) {
    server.on("upgrade", (request: IncomingMessage, socket: Socket) => this.forward(request, socket));
  }

  static async start(): Promise<Kubelet> {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Kubelet(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forwards one port, for a server that hands its upgrades on to this. */
  forward({ url = "", headers }: IncomingMessage, socket: Socket): void {
    if (this.gone.has(/\/pods\/([^/]+)\//.exec(url)?.[1] ?? "")) return void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    const port = Number(/\/portforward\?ports=(\d+)$/.exec(url)?.[1]);
    switchProtocols(headers, socket, "v4.channel.k8s.io");
    this.open.add(socket);
    socket.on("close", () => this.open.delete(socket)).on("error", () => undefined);
    socket.on("end", () => socket.end());
    for (const channel of [0, 1]) socket.write(frame(Buffer.of(channel, port & 0xff, port >> 8)));
    const end = () => {
      socket.write(frame(Buffer.of(0x03, 0xe8), 8));
      socket.end();
    };
    const far = connect(port, "127.0.0.1");
    far.on("data", (data) => {
      if (!socket.write(frame(Buffer.concat([Buffer.of(0), data])))) far.pause();
    });
    socket.on("drain", () => far.resume());
    far.on("error", (error) => socket.write(frame(Buffer.concat([Buffer.of(1), Buffer.from(`error forwarding port: ${error.message}`)]))));
    far.on("close", end);
    const frames = new Frames();
    socket.on("data", (chunk) => {
      for (const { kind, payload } of frames.take(chunk)) {
        if (kind === 8) far.destroy();
        else if (kind === 2) far.write(payload.subarray(1));
      }
    });
    socket.on("close", () => far.destroy());
  }

  stop(): void {
    for (const socket of this.open) socket.destroy();
    this.server.close();
  }
}
